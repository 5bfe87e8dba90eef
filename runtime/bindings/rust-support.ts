/** What the `api` modules of all Rust bindings share: no crates, so each file carries it. */
export function rustSupport(): string[] {
  return SUPPORT.trim().split("\n");
}

const SUPPORT = `
use super::raw;
use std::collections::HashMap;

/// What the imports answer when they failed.
pub const FAILURE: u32 = 0xffff;

/// A guest API function failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MocError {
    /// The function that failed.
    pub function: &'static str,
    pub reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The host refused or failed; the function's log says why.
    Failed,
    /// The answer should be text, but is not UTF-8.
    NotText,
    /// The answer is not encoded as documented.
    Malformed,
}

impl std::fmt::Display for MocError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reason = match self.reason {
            Reason::Failed => "failed; the function's log says why",
            Reason::NotText => "answered bytes that are not UTF-8",
            Reason::Malformed => "answered bytes that cannot be decoded",
        };
        write!(f, "{} {}", self.function, reason)
    }
}

impl std::error::Error for MocError {}

fn error(function: &'static str, reason: Reason) -> MocError {
    MocError { function, reason }
}

mod support {
    #[link(wasm_import_module = "core")]
    extern "C" {
        pub fn read_exchange_buffer(buffer_id: u32, bytes: *mut u8, length: u32) -> u32;
        pub fn free_buffer(buffer_id: u32) -> u32;
    }
}

fn succeeded(function: &'static str, answer: u32) -> Result<u32, MocError> {
    if answer == FAILURE {
        return Err(error(function, Reason::Failed));
    }
    Ok(answer)
}

/// Asks for the size, then for that many bytes. A size of 65535 may be the failure value as well:
/// the space is marked, and when the marks are still there afterwards, nothing was copied.
fn read_sized<F>(function: &'static str, read: F) -> Result<Vec<u8>, MocError>
where
    F: Fn(*mut u8, u32) -> u32,
{
    const MARKS: [u8; 16] = [0x9d; 16];
    let size = read(std::ptr::null_mut(), 0);
    let mut bytes = vec![MARKS[0]; size as usize];
    let copied = read(bytes.as_mut_ptr(), size);
    if copied != size || (size == FAILURE && bytes.ends_with(&MARKS)) {
        return Err(error(function, Reason::Failed));
    }
    Ok(bytes)
}

/// Reads the buffer that an import answered, and frees it.
fn take(function: &'static str, buffer_id: u32) -> Result<Vec<u8>, MocError> {
    succeeded(function, buffer_id)?;
    let bytes = read_sized(function, |bytes, length| unsafe {
        support::read_exchange_buffer(buffer_id, bytes, length)
    });
    unsafe { support::free_buffer(buffer_id) };
    bytes
}

fn text(function: &'static str, bytes: Vec<u8>) -> Result<String, MocError> {
    String::from_utf8(bytes).map_err(|_| error(function, Reason::NotText))
}

fn encode(items: &[&[u8]]) -> Vec<u8> {
    let mut encoded = (items.len() as u32).to_le_bytes().to_vec();
    for item in items {
        encoded.extend_from_slice(&(item.len() as u32).to_le_bytes());
        encoded.extend_from_slice(item);
    }
    encoded
}

fn encode_strings(items: &[&str]) -> Vec<u8> {
    encode(&items.iter().map(|item| item.as_bytes()).collect::<Vec<_>>())
}

fn encode_map(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let items: Vec<&[u8]> = entries
        .iter()
        .flat_map(|(key, value)| [key.as_bytes(), *value])
        .collect();
    encode(&items)
}

/// Splits off the first \`count\` bytes.
fn split<'a>(function: &'static str, rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], MocError> {
    if count > rest.len() {
        return Err(error(function, Reason::Malformed));
    }
    let (head, tail) = rest.split_at(count);
    *rest = tail;
    Ok(head)
}

fn decode_u32(function: &'static str, rest: &mut &[u8]) -> Result<u32, MocError> {
    let mut number = [0; 4];
    number.copy_from_slice(split(function, rest, 4)?);
    Ok(u32::from_le_bytes(number))
}

fn decode_item<'a>(function: &'static str, rest: &mut &'a [u8]) -> Result<&'a [u8], MocError> {
    let length = decode_u32(function, rest)?;
    split(function, rest, length as usize)
}

fn decode_map(function: &'static str, encoded: &[u8]) -> Result<HashMap<String, Vec<u8>>, MocError> {
    let mut rest = encoded;
    let mut entries = HashMap::new();
    for _ in 0..decode_u32(function, &mut rest)? / 2 {
        let key = text(function, decode_item(function, &mut rest)?.to_vec())?;
        entries.insert(key, decode_item(function, &mut rest)?.to_vec());
    }
    Ok(entries)
}

fn decode_text_map(function: &'static str, encoded: &[u8]) -> Result<HashMap<String, String>, MocError> {
    decode_map(function, encoded)?
        .into_iter()
        .map(|(key, value)| Ok((key, text(function, value)?)))
        .collect()
}

/// Values as text, with replacement characters where they are not UTF-8.
pub(super) fn lossy(entries: HashMap<String, Vec<u8>>) -> HashMap<String, String> {
    entries
        .into_iter()
        .map(|(key, value)| (key, String::from_utf8_lossy(&value).into_owned()))
        .collect()
}
`;
