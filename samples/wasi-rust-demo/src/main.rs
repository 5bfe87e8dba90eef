//! Copies one file to another: a URL, `api://input` and `api://output` are files too.

use std::env;
use std::fs::File;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let (from, to) = match arguments.as_slice() {
        [_, from, to] => (from, to),
        _ => {
            println!("give two files: where from and where to, such as api://input api://output");
            return ExitCode::FAILURE;
        }
    };
    match copy(from, to) {
        Ok(size) => {
            // stderr is the function's log.
            eprintln!("{} bytes from {} to {}", size, from, to);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", error);
            ExitCode::FAILURE
        }
    }
}

fn copy(from: &str, to: &str) -> Result<u64, String> {
    let mut input = File::open(from).map_err(|error| format!("cannot open {}: {}", from, error))?;
    let mut output = File::create(to).map_err(|error| format!("cannot open {}: {}", to, error))?;
    io::copy(&mut input, &mut output).map_err(|error| format!("cannot copy: {}", error))
}
