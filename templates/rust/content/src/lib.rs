mod core_api_guest;

use core_api_guest::api;
use std::error::Error;

const VISITS: &str = "{{name}}/visits";

/// The start function: it has the request in the input buffer and writes the answer to the output
/// buffer. What it returns, from 100 to 599, is the http status.
#[no_mangle]
pub extern "C" fn handle() -> u32 {
    match greet() {
        Ok(()) => 200,
        Err(error) => {
            let _ = api::log(3, &format!("the greeting failed: {}", error));
            500
        }
    }
}

fn greet() -> Result<(), Box<dyn Error>> {
    // The plug /{{name}}/!who binds `who`, which arrives as a header.
    let headers = api::read_exchange_buffer_headers(api::get_input_buffer_id())?;
    let who = headers.get("x-moc-path-param-who").map_or("World", String::as_str);

    let message = quote(&format!("Hello, {}!", who));
    let answer = format!("{{\"message\":{},\"visits\":{}}}", message, count_visit()?);

    let output = api::get_output_buffer_id();
    api::write_exchange_buffer_header(output, "content-type", "application/json")?;
    api::write_exchange_buffer(output, answer.as_bytes())?;
    Ok(())
}

/// The new count; it is on disk when this returns.
fn count_visit() -> Result<u64, Box<dyn Error>> {
    let stored = String::from_utf8(api::persistence_get(VISITS.as_bytes())?)?;
    let visits = stored.parse().unwrap_or(0) + 1;
    api::persistence_set(VISITS.as_bytes(), visits.to_string().as_bytes())?;
    Ok(visits)
}

/// A JSON string, with its quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
