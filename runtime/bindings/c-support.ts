/** The original's macros, at the top of each header. */
export const C_MACROS = `#ifndef WASM_EXPORT
#define WASM_EXPORT                   extern __attribute__((used)) __attribute__((visibility ("default")))
#define WASM_EXPORT_AS(NAME)          WASM_EXPORT __attribute__((export_name(NAME)))
#define WASM_IMPORT(MODULE,NAME)      __attribute__((import_module(MODULE))) __attribute__((import_name(NAME)))
#define WASM_CONSTRUCTOR              __attribute__((constructor))
#endif
`;

/**
 * Types and helpers that the `moc_…` functions of all headers share. They use no C library, so
 * that they work with and without WASI.
 */
export const C_SUPPORT = `
#ifndef MOC_GUEST_SUPPORT
#define MOC_GUEST_SUPPORT

/* What the raw imports answer when they failed; the function's log says why. */
#define MOC_FAILURE 0xffffu

typedef enum moc_status {
  MOC_OK = 0,
  MOC_FAILED = 1,     /* the host refused or failed */
  MOC_ARENA_FULL = 2  /* the arena has too little space left */
} moc_status;

/* Bytes somewhere in memory. It owns nothing: it is valid as long as what it points at. */
typedef struct moc_bytes {
  const uint8_t *data;
  uint32_t length;
} moc_bytes;

/*
 * Memory that you lend to the functions below: results are put into it one behind the other, and
 * nothing is ever allocated elsewhere.
 *
 *   static uint8_t memory[65536];
 *   moc_arena arena = moc_arena_of(memory, sizeof memory);
 *
 * To free results, set arena.used back to what it was before them.
 */
typedef struct moc_arena {
  uint8_t *data;
  uint32_t capacity;
  uint32_t used;
} moc_arena;

/* Encoded strings, or keys and values in turn. Read with moc_list_next, made with moc_list_add. */
typedef struct moc_list {
  const uint8_t *data;
  uint32_t length;
} moc_list;

static inline moc_arena moc_arena_of(void *memory, uint32_t capacity) {
  moc_arena arena = {(uint8_t *)memory, capacity, 0};
  return arena;
}

/* Space of the arena, or a null pointer when it has not so much left. Not aligned, not cleared. */
static inline uint8_t *moc_arena_take(moc_arena *arena, uint32_t size) {
  if (size > arena->capacity - arena->used) return 0;
  uint8_t *space = arena->data + arena->used;
  arena->used += size;
  return space;
}

static inline moc_bytes moc_bytes_of(const void *data, uint32_t length) {
  moc_bytes bytes = {(const uint8_t *)data, length};
  return bytes;
}

/* The bytes of a C string, without the final zero. */
static inline moc_bytes moc_text(const char *text) {
  uint32_t length = 0;
  while (text[length]) length++;
  return moc_bytes_of(text, length);
}

static inline int moc_equal(moc_bytes a, moc_bytes b) {
  if (a.length != b.length) return 0;
  for (uint32_t i = 0; i < a.length; i++) {
    if (a.data[i] != b.data[i]) return 0;
  }
  return 1;
}

static inline uint32_t moc_get_u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline void moc_put_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

/*
 * Steps through a list: begin with *position == 0. Returns 1 and the next item, or 0 at the end.
 * Items point into the list.
 */
static inline int moc_list_next(moc_list list, uint32_t *position, moc_bytes *item) {
  uint32_t at = *position == 0 ? 4 : *position;
  if (at > list.length || list.length - at < 4) return 0;
  uint32_t length = moc_get_u32(list.data + at);
  if (length > list.length - at - 4) return 0;
  *item = moc_bytes_of(list.data + at + 4, length);
  *position = at + 4 + length;
  return 1;
}

/* Looks a key up in a list of keys and values. Returns 1 and the value, or 0. */
static inline int moc_list_get(moc_list list, moc_bytes key, moc_bytes *value) {
  uint32_t position = 0;
  moc_bytes name;
  while (moc_list_next(list, &position, &name) && moc_list_next(list, &position, value)) {
    if (moc_equal(name, key)) return 1;
  }
  *value = moc_bytes_of(0, 0);
  return 0;
}

/* Begins an empty list in the arena; nothing else may be put there until the list is complete. */
static inline moc_status moc_list_begin(moc_arena *arena, moc_list *list) {
  uint8_t *space = moc_arena_take(arena, 4);
  list->data = space;
  list->length = space ? 4 : 0;
  if (!space) return MOC_ARENA_FULL;
  moc_put_u32(space, 0);
  return MOC_OK;
}

/* Appends an item (for a map: key, then value) to the list that was begun last. */
static inline moc_status moc_list_add(moc_arena *arena, moc_list *list, moc_bytes item) {
  uint32_t before = arena->used;
  uint8_t *head = moc_arena_take(arena, 4);
  uint8_t *body = head ? moc_arena_take(arena, item.length) : 0;
  if (!body) {
    arena->used = before;
    return MOC_ARENA_FULL;
  }
  moc_put_u32(head, item.length);
  for (uint32_t i = 0; i < item.length; i++) body[i] = item.data[i];
  uint8_t *count = head - (list->length - 4) - 4;
  moc_put_u32(count, moc_get_u32(count) + 1);
  list->length += 4 + item.length;
  return MOC_OK;
}

/* For the functions below. */

WASM_IMPORT("core", "read_exchange_buffer") uint32_t moc_raw_read(int id, void *bytes, int length);
WASM_IMPORT("core", "free_buffer") uint32_t moc_raw_free(int id);

#define MOC_MARK 0x9d

/*
 * Space for an answer of this size. A size of 65535 may be the failure value as well: the space is
 * marked, and when the marks are still there afterwards, nothing was copied.
 */
static inline uint8_t *moc_arena_sized(moc_arena *arena, uint32_t size) {
  uint8_t *space = moc_arena_take(arena, size);
  if (space && size == MOC_FAILURE) {
    for (uint32_t i = size - 16; i < size; i++) space[i] = MOC_MARK;
  }
  return space;
}

static inline moc_status moc_arena_copied(moc_arena *arena, uint8_t *space, uint32_t size,
                                          uint32_t copied, moc_bytes *result) {
  int marks = 0;
  if (size == MOC_FAILURE) {
    for (uint32_t i = size - 16; i < size; i++) marks += space[i] == MOC_MARK;
  }
  if (copied != size || marks == 16) {
    arena->used -= size;
    return MOC_FAILED;
  }
  *result = moc_bytes_of(space, size);
  return MOC_OK;
}

/* Reads the buffer that an import answered into the arena, and frees it. */
static inline moc_status moc_take(moc_arena *arena, uint32_t buffer_id, moc_bytes *result) {
  *result = moc_bytes_of(0, 0);
  if (buffer_id == MOC_FAILURE) return MOC_FAILED;
  uint32_t size = moc_raw_read((int)buffer_id, 0, 0);
  uint8_t *space = moc_arena_sized(arena, size);
  moc_status status = MOC_ARENA_FULL;
  if (space) {
    uint32_t copied = moc_raw_read((int)buffer_id, space, (int)size);
    status = moc_arena_copied(arena, space, size, copied, result);
  }
  moc_raw_free((int)buffer_id);
  return status;
}

static inline moc_status moc_take_list(moc_arena *arena, uint32_t buffer_id, moc_list *result) {
  moc_bytes bytes;
  moc_status status = moc_take(arena, buffer_id, &bytes);
  result->data = bytes.data;
  result->length = bytes.length;
  return status;
}

#endif
`;
