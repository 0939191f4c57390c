//! Reads a URI the way the most helpful upstream might: percent-encoding undone as often as it
//! was applied, `\` as good as `/`, upper case as good as lower case.

use std::borrow::Cow;

/// Nobody honest encodes a URI more often than this. The bound also keeps the work linear.
const MAX_NESTING: usize = 4;

pub struct DecodedUri {
    /// The path, decoded, in lower case.
    path: Vec<u8>,
    /// Path and query, decoded, each run of white space, `+` and `/**/` as one space.
    text: Vec<u8>,
    disguised: bool,
}

impl DecodedUri {
    pub fn of(uri: &str) -> Self {
        let target = without_authority(uri);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (mut path, path_nested) = decode(path.as_bytes());
        let (query, query_nested) = decode(query.as_bytes());
        path.make_ascii_lowercase();
        let disguised = path_nested
            || query_nested
            || path.iter().any(u8::is_ascii_control)
            || query.contains(&0)
            || has_overlong_ascii(&path)
            || has_overlong_ascii(&query);
        let text = searchable(&path, &query);
        Self {
            path,
            text,
            disguised,
        }
    }

    /// The segments of the path, each without what some servers cut off (`;…`, and a `?…` or
    /// `#…` that was encoded).
    pub fn segments(&self) -> impl Iterator<Item = &[u8]> {
        self.path
            .split(|byte| matches!(byte, b'/' | b'\\'))
            .map(|segment| {
                let end = segment
                    .iter()
                    .position(|byte| matches!(byte, b';' | b'?' | b'#'));
                &segment[..end.unwrap_or(segment.len())]
            })
    }

    /// Path and query as one text to search in.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Is something encoded in it that has no honest use: too many layers, control characters in
    /// the path, a NUL anywhere, or an ASCII character as two bytes of UTF-8?
    pub fn is_disguised(&self) -> bool {
        self.disguised
    }
}

/// The text with everything but visible ASCII percent-encoded, as a `Location` needs it.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut printable = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            printable.push(byte.into());
        } else {
            printable.extend([
                '%',
                HEX[usize::from(byte >> 4)].into(),
                HEX[usize::from(byte & 15)].into(),
            ]);
        }
    }
    Cow::Owned(printable)
}

/// A request may also name the whole URL: `GET http://host/path`.
fn without_authority(uri: &str) -> &str {
    match uri.split_once("://") {
        Some((scheme, rest))
            if !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            rest.find(['/', '\\', '?'])
                .map_or("", |start| &rest[start..])
        }
        _ => uri,
    }
}

/// Undoes percent-encoding. Also says whether there was more of it than [`MAX_NESTING`] layers.
fn decode(encoded: &[u8]) -> (Vec<u8>, bool) {
    let mut decoded = encoded.to_vec();
    for _ in 0..MAX_NESTING {
        if !decode_once(&mut decoded) {
            return (decoded, false);
        }
    }
    let nested = decode_once(&mut decoded);
    (decoded, nested)
}

/// Undoes one layer in place. Says whether there was one. What is no escape stays as it is.
fn decode_once(bytes: &mut Vec<u8>) -> bool {
    let (mut read, mut written) = (0, 0);
    while read < bytes.len() {
        let escape = if bytes[read] == b'%' {
            escaped(&bytes[read + 1..])
        } else {
            None
        };
        bytes[written] = escape.unwrap_or(bytes[read]);
        read += if escape.is_some() { 3 } else { 1 };
        written += 1;
    }
    bytes.truncate(written);
    written < read
}

/// The byte that two hexadecimal digits stand for.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// Bytes C0 and C1 begin a two-byte form of an ASCII character, which UTF-8 forbids. Lenient
/// decoders have turned `%c0%ae` into a dot.
fn has_overlong_ascii(bytes: &[u8]) -> bool {
    bytes
        .windows(2)
        .any(|pair| matches!(pair, [0xc0 | 0xc1, 0x80..=0xbf]))
}

fn searchable(path: &[u8], query: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::with_capacity(path.len() + 1 + query.len());
    let mut push = |byte: u8| {
        let byte = if byte == b'+' || byte.is_ascii_whitespace() {
            b' '
        } else {
            byte
        };
        if byte == b'/' && text.ends_with(b"/**") {
            text.truncate(text.len() - 3);
            if !text.ends_with(b" ") {
                text.push(b' ');
            }
        } else if byte != b' ' || !text.ends_with(b" ") {
            text.push(byte);
        }
    };
    path.iter().copied().for_each(&mut push);
    push(b'?');
    query.iter().copied().for_each(&mut push);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> String {
        String::from_utf8_lossy(&decode(text.as_bytes()).0).into_owned()
    }

    #[test]
    fn escapes_are_decoded_and_half_escapes_stay() {
        assert_eq!(decoded("/a%2Fb%2f"), "/a/b/");
        assert_eq!(decoded("%"), "%");
        assert_eq!(decoded("%4"), "%4");
        assert_eq!(decoded("%g1%1g%-1%+1"), "%g1%1g%-1%+1");
        assert_eq!(decoded(""), "");
    }

    #[test]
    fn layers_are_counted() {
        for (layers, too_many) in [(1, false), (MAX_NESTING, false), (MAX_NESTING + 1, true)] {
            let text = format!("%{}41", "25".repeat(layers - 1));
            assert_eq!(decode(text.as_bytes()).1, too_many, "{text}");
        }
    }

    #[test]
    fn white_space_becomes_one_space() {
        let uri = DecodedUri::of("/A?b+%20%09c/**/d%2B/****/");
        assert_eq!(String::from_utf8_lossy(uri.text()), "/a?b c d /****/");
    }

    #[test]
    fn the_authority_is_no_path() {
        assert_eq!(without_authority("http://h:1/p?q"), "/p?q");
        assert_eq!(without_authority("http://h"), "");
        assert_eq!(without_authority("/p?u=http://h/"), "/p?u=http://h/");
        assert_eq!(without_authority("://x/y"), "://x/y");
    }

    #[test]
    fn printable_keeps_escapes_and_encodes_the_rest() {
        assert_eq!(printable("a%20b?c=d"), "a%20b?c=d");
        assert_eq!(printable("a b\né"), "a%20b%0A%C3%A9");
    }
}
