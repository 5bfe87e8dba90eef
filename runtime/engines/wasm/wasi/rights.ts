import { wasi } from "@bjorn3/browser_wasi_shim";

const FILE_AND_DIRECTORY =
  wasi.RIGHTS_FD_DATASYNC |
  wasi.RIGHTS_FD_SYNC |
  wasi.RIGHTS_FD_FDSTAT_SET_FLAGS |
  wasi.RIGHTS_FD_FILESTAT_GET |
  wasi.RIGHTS_FD_FILESTAT_SET_TIMES |
  wasi.RIGHTS_FD_ADVISE |
  wasi.RIGHTS_POLL_FD_READWRITE;

/** Rights that make sense for a regular file. */
export const FILE_RIGHTS = BigInt(
  FILE_AND_DIRECTORY |
    wasi.RIGHTS_FD_READ |
    wasi.RIGHTS_FD_WRITE |
    wasi.RIGHTS_FD_SEEK |
    wasi.RIGHTS_FD_TELL |
    wasi.RIGHTS_FD_ALLOCATE |
    wasi.RIGHTS_FD_FILESTAT_SET_SIZE,
);

/** Rights that make sense for a directory. */
export const DIRECTORY_RIGHTS = BigInt(
  FILE_AND_DIRECTORY |
    wasi.RIGHTS_PATH_CREATE_DIRECTORY |
    wasi.RIGHTS_PATH_CREATE_FILE |
    wasi.RIGHTS_PATH_LINK_SOURCE |
    wasi.RIGHTS_PATH_LINK_TARGET |
    wasi.RIGHTS_PATH_OPEN |
    wasi.RIGHTS_FD_READDIR |
    wasi.RIGHTS_PATH_READLINK |
    wasi.RIGHTS_PATH_RENAME_SOURCE |
    wasi.RIGHTS_PATH_RENAME_TARGET |
    wasi.RIGHTS_PATH_FILESTAT_GET |
    wasi.RIGHTS_PATH_FILESTAT_SET_SIZE |
    wasi.RIGHTS_PATH_FILESTAT_SET_TIMES |
    wasi.RIGHTS_PATH_SYMLINK |
    wasi.RIGHTS_PATH_REMOVE_DIRECTORY |
    wasi.RIGHTS_PATH_UNLINK_FILE,
);

/** All that a directory may hand on to what is opened in it. */
export const ALL_RIGHTS = FILE_RIGHTS | DIRECTORY_RIGHTS;

/** Of what can only be read or written from its start to its end. */
export const STREAM_READ_RIGHTS = BigInt(
  wasi.RIGHTS_FD_READ |
    wasi.RIGHTS_FD_FILESTAT_GET |
    wasi.RIGHTS_FD_FDSTAT_SET_FLAGS |
    wasi.RIGHTS_POLL_FD_READWRITE,
);

/** The same, for writing. */
export const STREAM_WRITE_RIGHTS = BigInt(
  wasi.RIGHTS_FD_WRITE |
    wasi.RIGHTS_FD_FILESTAT_GET |
    wasi.RIGHTS_FD_FDSTAT_SET_FLAGS |
    wasi.RIGHTS_FD_DATASYNC |
    wasi.RIGHTS_FD_SYNC |
    wasi.RIGHTS_POLL_FD_READWRITE,
);
