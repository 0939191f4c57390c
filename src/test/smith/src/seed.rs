//! Random numbers that are the same on every machine (SplitMix64).

pub struct Random(u64);

impl Random {
    pub fn new(seed: u32) -> Self {
        Random(u64::from(seed) << 32 | 0x5eed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.next() % times == 0
    }

    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + (self.next() % (most - least + 1) as u64) as usize
    }

    pub fn bytes(&mut self, least: usize, most: usize) -> Vec<u8> {
        let length = self.between(least, most);
        (0..length).map(|_| self.next() as u8).collect()
    }
}
