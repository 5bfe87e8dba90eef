//! As much of JSON (RFC 8259) as the watchdog needs: objects whose values are texts.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

/// A JSON string, with its quotes.
pub fn quote(text: &str) -> String {
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

/// Reads an object whose values are texts; the error says what is wrong.
pub fn object_of_texts(source: &str) -> Result<HashMap<String, String>, String> {
    let mut reader = Reader { rest: source.chars().peekable() };
    let mut fields = HashMap::new();
    reader.expect('{')?;
    if reader.next_is('}') {
        reader.expect('}')?;
        return reader.end(fields);
    }
    loop {
        let name = reader.text()?;
        reader.expect(':')?;
        if !reader.next_is('"') {
            return Err(format!("the field {} must be a text", name));
        }
        let value = reader.text()?;
        fields.insert(name, value);
        if !reader.next_is(',') {
            break;
        }
        reader.expect(',')?;
    }
    reader.expect('}')?;
    reader.end(fields)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        while self.rest.next_if(|c| " \t\r\n".contains(*c)).is_some() {}
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        self.rest.peek() == Some(&wanted)
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.next_is(wanted) {
            self.rest.next();
            return Ok(());
        }
        match self.rest.peek() {
            Some(found) => Err(format!("the body is no JSON: {} instead of {}", found, wanted)),
            None => Err(format!("the body is no JSON: it ends where {} should be", wanted)),
        }
    }

    fn end<T>(&mut self, value: T) -> Result<T, String> {
        self.skip_blanks();
        match self.rest.peek() {
            None => Ok(value),
            Some(found) => Err(format!("the body is no JSON: {} behind its end", found)),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escaped()?),
                Some(c) if c >= ' ' => text.push(c),
                _ => return Err("the body is no JSON: a text does not end".to_string()),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        match self.rest.next() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.code_point(),
            _ => Err("the body is no JSON: an unknown escape".to_string()),
        }
    }

    /// Four hex digits, or two times four for what is beyond the basic plane.
    fn code_point(&mut self) -> Result<char, String> {
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if self.rest.next() != Some('\\') || self.rest.next() != Some('u') {
                return Err("the body is no JSON: half a surrogate pair".to_string());
            }
            let second = self.hex4()?;
            0x10000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| "the body is no JSON: half a surrogate pair".to_string())
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.rest.next().and_then(|c| c.to_digit(16));
            code = code * 16 + digit.ok_or("the body is no JSON: an unknown escape")?;
        }
        Ok(code)
    }
}
