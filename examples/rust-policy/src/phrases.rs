//! Looks for many short phrases in one pass over a text.

/// ASCII phrases to look for, in any case. Where a phrase begins or ends with a letter or digit,
/// it must be at the edge of a word: "nmap" is in "Nmap/7" but not in "unmapped".
pub struct Phrases {
    phrases: &'static [&'static str],
    /// For each byte, whether a phrase begins with it. Most of a text is passed over with this.
    begins: [bool; 256],
}

impl Phrases {
    /// A `const` is the place for it: the table is then made when the module is built.
    pub const fn new(phrases: &'static [&'static str]) -> Self {
        let mut begins = [false; 256];
        let mut i = 0;
        while i < phrases.len() {
            let first = phrases[i].as_bytes()[0];
            begins[first.to_ascii_lowercase() as usize] = true;
            begins[first.to_ascii_uppercase() as usize] = true;
            i += 1;
        }
        Self { phrases, begins }
    }

    /// Is any of the phrases in the text?
    pub fn are_in(&self, text: &[u8]) -> bool {
        let mut in_word = false;
        for (at, &byte) in text.iter().enumerate() {
            let inside = in_word && byte.is_ascii_alphanumeric();
            in_word = byte.is_ascii_alphanumeric();
            if self.begins[usize::from(byte)] && !inside && self.one_begins(&text[at..]) {
                return true;
            }
        }
        false
    }

    fn one_begins(&self, text: &[u8]) -> bool {
        self.phrases
            .iter()
            .map(|phrase| phrase.as_bytes())
            .any(|phrase| {
                let same = text
                    .get(..phrase.len())
                    .map_or(false, |head| head.eq_ignore_ascii_case(phrase));
                same && !(is_word(phrase.last()) && is_word(text.get(phrase.len())))
            })
    }
}

fn is_word(byte: Option<&u8>) -> bool {
    byte.map_or(false, u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::Phrases;

    const PHRASES: Phrases = Phrases::new(&["nmap", "or 1=1", "<b", "x-("]);

    #[test]
    fn phrases_are_found_anywhere_and_in_any_case() {
        for text in [
            "nmap",
            "a NMAP b",
            "-nmap-",
            "x or 1=1",
            "a<B",
            "a<b>",
            "x-(y",
            "xx x-(",
            "nmapnmap nmap",
        ] {
            assert!(PHRASES.are_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn parts_of_words_are_not_found() {
        for text in [
            "", "n", "nma", "nmaps", "unmap", "xnmap", "for 1=1", "or 1=10", "<br", "ax-(",
            "nmapnmap",
        ] {
            assert!(!PHRASES.are_in(text.as_bytes()), "{text}");
        }
    }
}
