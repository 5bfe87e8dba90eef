//! Services report that they are alive; a page shows when each was last heard of.
//!
//! The names of the start functions, the URLs and the JSON are those of the original's sample.

#![allow(non_snake_case)]

mod core_api_guest;
mod json;

use core_api_guest::api;
use std::error::Error;

const SERVICES: &str = "/watchdog-v1/status/services/";
const TIMESTAMP: &str = "/timestamp";

/// GET /watchdog/status
#[no_mangle]
pub extern "C" fn getStatus() -> u32 {
    answer(status())
}

/// GET /watchdog/update/!service
#[no_mangle]
pub extern "C" fn addStatus() -> u32 {
    answer(heard_of_bound_service())
}

/// POST /watchdog/status with `{"name": "…", "message": "…"}`
#[no_mangle]
pub extern "C" fn postStatus() -> u32 {
    answer(heard_of_posted_service())
}

/// For modules that import it from "watchdog-backend".
#[no_mangle]
pub extern "C" fn rustMultiply(a: i32, b: i32) -> i32 {
    a.wrapping_mul(b)
}

/// For modules that import it from "watchdog-backend"; traps when b is 0.
#[no_mangle]
pub extern "C" fn rustDivide(a: i32, b: i32) -> i32 {
    a / b
}

type Answer = Result<(u32, String), Box<dyn Error>>;

/// Writes the answer; the http status is the start function's result.
fn answer(result: Answer) -> u32 {
    let (status, body) = result.unwrap_or_else(|error| {
        let _ = api::log(3, &error.to_string());
        (500, message(false, "the watchdog failed; its log says why"))
    });
    let output = api::get_output_buffer_id();
    let written = api::write_exchange_buffer_header(output, "content-type", "application/json")
        .and_then(|_| api::write_exchange_buffer(output, body.as_bytes()));
    if written.is_err() {
        return 500;
    }
    status
}

fn status() -> Answer {
    let mut services: Vec<String> = Vec::new();
    let mut after = String::new();
    loop {
        let mut page: Vec<_> = api::persistence_list(SERVICES, &after, 1000)?.into_iter().collect();
        page.sort();
        match page.last() {
            Some((last, _)) => after = last.clone(),
            None => break,
        }
        for (key, value) in page {
            let service = key.strip_prefix(SERVICES).and_then(|key| key.strip_suffix(TIMESTAMP));
            if let Some(service) = service {
                let timestamp: i64 = String::from_utf8(value)?.parse()?;
                services.push(format!("{}:{{\"timestamp\":{}}}", json::quote(service), timestamp));
            }
        }
    }
    Ok((200, format!("{{\"description\":\"everything ok\",\"services\":{{{}}}}}", services.join(","))))
}

fn heard_of_bound_service() -> Answer {
    let headers = api::read_exchange_buffer_headers(api::get_input_buffer_id())?;
    match headers.get("x-moc-path-param-service") {
        Some(service) => heard_of(service),
        None => Ok((400, message(false, "the path names no service"))),
    }
}

fn heard_of_posted_service() -> Answer {
    let body = String::from_utf8(api::read_exchange_buffer(api::get_input_buffer_id())?)?;
    let fields = match json::object_of_texts(&body) {
        Ok(fields) => fields,
        Err(problem) => return Ok((400, message(false, &problem))),
    };
    match fields.get("name") {
        Some(name) if !name.is_empty() => heard_of(name),
        _ => Ok((400, message(false, "the field name must name a service"))),
    }
}

fn heard_of(service: &str) -> Answer {
    let mut nanoseconds = [0; 8];
    api::get_time(&mut nanoseconds)?;
    let microseconds = i64::from_le_bytes(nanoseconds) / 1000;
    let key = format!("{}{}{}", SERVICES, service, TIMESTAMP);
    api::persistence_set(key.as_bytes(), microseconds.to_string().as_bytes())?;
    let text = format!("status for '{}' saved for timestamp {}, thanks", service, microseconds);
    Ok((200, message(true, &text)))
}

fn message(status: bool, text: &str) -> String {
    format!("{{\"status\":{},\"message\":{}}}", status, json::quote(text))
}
