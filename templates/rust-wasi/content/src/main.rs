mod core_api_guest;

use core_api_guest::api;
use std::env;
use std::error::Error;
use std::io::{self, Read};

const VISITS: &str = "{{name}}/visits";

/// A CGI program (RFC 3875): the request is in the environment and on stdin, the answer goes to
/// stdout, headers first. stderr is the function's log.
fn main() {
    match greet() {
        Ok(answer) => print!("Content-Type: application/json\r\n\r\n{}\n", answer),
        Err(error) => {
            eprintln!("the greeting failed: {}", error);
            print!("Status: 500\r\nContent-Type: application/json\r\n\r\n{{\"error\":\"no greeting\"}}\n");
        }
    }
}

fn greet() -> Result<String, Box<dyn Error>> {
    let message = quote(&format!("Hello, {}!", who()?));
    Ok(format!("{{\"message\":{},\"visits\":{}}}", message, count_visit()?))
}

/// The body of a POST, or what the plug /{{name}}/!who binds: a request header as CGI spells it.
fn who() -> Result<String, Box<dyn Error>> {
    let mut who = env::var("HTTP_X_MOC_PATH_PARAM_WHO").unwrap_or_default();
    if env::var("REQUEST_METHOD").as_deref() == Ok("POST") {
        who.clear();
        io::stdin().read_to_string(&mut who)?;
    }
    Ok(if who.is_empty() { "World".to_string() } else { who })
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
