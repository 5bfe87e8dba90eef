/** The same guest in each language: it uses what is hard to get right, and answers "ok" or why not. */
export interface TestGuest {
  readonly language: string;
  readonly source: string;
  readonly text: string;
  /** Where the printed bindings go, and in which language of the bindings. */
  readonly binding: { readonly path: string; readonly language: string };
  readonly more?: Readonly<Record<string, string>>;
}

const C = `
#include "core-api-guest.h"

static uint8_t memory[400 * 1024];

static const char *check(void) {
  moc_arena arena = moc_arena_of(memory, sizeof memory);
  moc_bytes content;
  uint32_t id = moc_create_exchange_buffer();
  uint8_t *big = moc_arena_take(&arena, 65535);
  for (uint32_t i = 0; i < 65535; i++) big[i] = 0x9d;
  big[65534] = 7;
  if (moc_write_exchange_buffer(id, moc_bytes_of(big, 65535)) != 65535) return "write";
  if (moc_read_exchange_buffer(&arena, &content, id) != MOC_OK) return "read";
  if (!moc_equal(content, moc_bytes_of(big, 65535))) return "content";
  uint32_t used = arena.used;
  moc_arena small = moc_arena_of(memory, 100);
  if (moc_read_exchange_buffer(&small, &content, id) != MOC_ARENA_FULL) return "small arena";
  static uint8_t part[70000];
  if (moc_read_exchange_buffer_part(id, part, sizeof part) != 65534) return "part";
  moc_free_buffer(id);
  if (moc_read_exchange_buffer(&arena, &content, id) != MOC_FAILED) return "freed";
  if (arena.used != used) return "arena";

  moc_list puts, deletes, page;
  if (moc_list_begin(&arena, &puts)) return "begin";
  if (moc_list_add(&arena, &puts, moc_text("bindings-c/a"))) return "add";
  if (moc_list_add(&arena, &puts, moc_text("1"))) return "add";
  if (moc_list_add(&arena, &puts, moc_text("bindings-c/b"))) return "add";
  if (moc_list_add(&arena, &puts, moc_text(""))) return "add";
  if (moc_list_begin(&arena, &deletes)) return "begin";
  if (moc_list_add(&arena, &deletes, moc_text("bindings-c/old"))) return "add";
  moc_persistence_set(moc_text("bindings-c/old"), moc_text("x"));
  if (moc_persistence_batch(puts, deletes) == MOC_FAILURE) return "batch";
  if (moc_persistence_list(&arena, &page, moc_text("bindings-c/"), moc_text(""), 10)) return "list";
  moc_bytes value;
  if (!moc_list_get(page, moc_text("bindings-c/a"), &value)) return "a";
  if (!moc_equal(value, moc_text("1"))) return "value of a";
  if (!moc_list_get(page, moc_text("bindings-c/b"), &value) || value.length != 0) return "b";
  if (moc_list_get(page, moc_text("bindings-c/old"), &value)) return "old";

  moc_list none;
  if (moc_list_begin(&arena, &none)) return "begin";
  uint32_t answer = moc_http_request(moc_text("GET"), moc_text("http://127.0.0.1:9/"), none, -1);
  return answer == MOC_FAILURE ? "ok" : "outbound";
}

WASM_EXPORT_AS("handle") uint32_t handle(void) {
  moc_write_exchange_buffer(moc_get_output_buffer_id(), moc_text(check()));
  return 200;
}
`;

const RUST = `
mod core_api_guest;
use core_api_guest::api;
use std::error::Error;

fn check() -> Result<&'static str, Box<dyn Error>> {
    let id = api::create_exchange_buffer()?;
    let mut big = vec![0x9d; 65535];
    big[65534] = 7;
    assert_eq!(api::write_exchange_buffer(id, &big)?, 65535);
    assert_eq!(api::read_exchange_buffer(id)?, big);
    let mut part = vec![0; 70000];
    assert_eq!(api::read_exchange_buffer_part(id, &mut part)?, 65534);
    api::free_buffer(id)?;
    let error = api::read_exchange_buffer(id).unwrap_err();
    assert_eq!(error.reason, api::Reason::Failed);

    api::persistence_set(b"bindings-rust/old", b"x")?;
    let puts: [(&str, &[u8]); 2] = [("bindings-rust/a", b"1"), ("bindings-rust/b", b"")];
    api::persistence_batch(&puts, &["bindings-rust/old"])?;
    let page = api::persistence_list("bindings-rust/", "", 10)?;
    assert_eq!(page.len(), 2);
    assert_eq!(page["bindings-rust/a"], b"1");
    assert_eq!(page["bindings-rust/b"], b"");
    assert!(api::http_request("GET", "http://127.0.0.1:9/", &[("accept", b"*/*")], -1).is_err());
    assert_eq!(api::base64_encode(b"any")?, "YW55");
    Ok("ok")
}

#[no_mangle]
pub extern "C" fn handle() -> u32 {
    let answer = check().map_or_else(|error| error.to_string(), String::from);
    api::write_exchange_buffer(api::get_output_buffer_id(), answer.as_bytes()).map_or(500, |_| 200)
}
`;

const GO = `
package main

import (
	"bytes"
	"errors"
	"fmt"

	"function/core"
)

func check() error {
	id, err := core.CreateExchangeBuffer()
	if err != nil {
		return err
	}
	big := bytes.Repeat([]byte{0x9d}, 65535)
	big[65534] = 7
	if written, err := core.WriteExchangeBuffer(id, big); err != nil || written != 65535 {
		return fmt.Errorf("write: %d, %w", written, err)
	}
	if read, err := core.ReadExchangeBuffer(id); err != nil || !bytes.Equal(read, big) {
		return fmt.Errorf("read: %d, %w", len(read), err)
	}
	if size, err := core.ReadExchangeBufferPart(id, make([]byte, 70000)); err != nil || size != 65534 {
		return fmt.Errorf("part: %d, %w", size, err)
	}
	if err := core.FreeBuffer(id); err != nil {
		return err
	}
	if _, err := core.ReadExchangeBuffer(id); !errors.Is(err, core.ErrFailed) {
		return fmt.Errorf("a freed buffer was read: %w", err)
	}

	if err := core.PersistenceSet([]byte("bindings-go/old"), []byte("x")); err != nil {
		return err
	}
	puts := map[string][]byte{"bindings-go/a": []byte("1"), "bindings-go/b": nil}
	if err := core.PersistenceBatch(puts, []string{"bindings-go/old"}); err != nil {
		return err
	}
	page, err := core.PersistenceList("bindings-go/", "", 10)
	if err != nil || len(page) != 2 || string(page["bindings-go/a"]) != "1" {
		return fmt.Errorf("list: %v, %w", page, err)
	}
	accept := map[string][]byte{"accept": []byte("*/*")}
	if _, err := core.HTTPRequest("GET", "http://127.0.0.1:9/", accept, -1); err == nil {
		return errors.New("outbound")
	}
	return nil
}

//go:wasmexport handle
func handle() uint32 {
	answer := "ok"
	if err := check(); err != nil {
		answer = err.Error()
	}
	core.WriteExchangeBuffer(core.GetOutputBufferID(), []byte(answer))
	return 200
}

func main() {}
`;

const ASSEMBLYSCRIPT = `
import * as core from "./core";

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function check(): string {
  const id = core.createExchangeBuffer();
  const big = new Uint8Array(65535);
  big.fill(0x9d);
  big[65534] = 7;
  if (core.writeExchangeBuffer(id, big) != 65535) return "write";
  const read = core.readExchangeBuffer(id);
  if (read === null || read.length != 65535 || read[65534] != 7) return "read";
  if (core.readExchangeBufferPart(id, new Uint8Array(70000)) != 65534) return "part";
  core.freeBuffer(id);
  if (core.readExchangeBuffer(id) !== null) return "freed";

  core.persistenceSet(utf8("bindings-as/old"), utf8("x"));
  const puts = new Map<string, Uint8Array>();
  puts.set("bindings-as/a", utf8("1"));
  puts.set("bindings-as/b", utf8(""));
  if (core.persistenceBatch(puts, ["bindings-as/old"]) == core.FAILURE) return "batch";
  const page = core.persistenceList("bindings-as/", "", 10);
  if (page === null || page.size != 2) return "list";
  if (String.UTF8.decode(page.get("bindings-as/a").buffer) != "1") return "value";
  const headers = new Map<string, Uint8Array>();
  headers.set("accept", utf8("*/*"));
  if (core.httpRequest("GET", "http://127.0.0.1:9/", headers, -1) != core.FAILURE) return "outbound";
  return core.base64Encode(utf8("any")) == "YW55" ? "ok" : "base64";
}

export function handle(): i32 {
  core.writeExchangeBuffer(core.getOutputBufferId(), utf8(check()));
  return 200;
}
`;

export const TEST_GUESTS: readonly TestGuest[] = [
  {
    language: "c",
    source: "main.c",
    text: C,
    binding: { path: "core-api-guest.h", language: "c" },
  },
  {
    language: "rust",
    source: "src/lib.rs",
    text: RUST,
    binding: { path: "src/core_api_guest.rs", language: "rust" },
  },
  {
    language: "go",
    source: "main.go",
    text: GO,
    binding: { path: "core/core.go", language: "go" },
    more: { "go.mod": "module function\n\ngo 1.24\n" },
  },
  {
    language: "assemblyscript",
    source: "assembly/index.ts",
    text: ASSEMBLYSCRIPT,
    binding: { path: "assembly/core.ts", language: "assemblyscript" },
  },
];
