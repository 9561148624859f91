/// A Bloom filter over one tenant's keys on the pages: most values that nobody has are known as such without a look-up.
///
/// Blocked: the five bits of a key lie in one stretch of 64 bytes. More keys than it was made for only make it let more
/// through.
package final class DirectoryFilter {
    private let words: CommitArray<UInt64>
    private let blocks: UInt64
    package private(set) var count = 0

    /// 4 MB: enough for four million people at 8 bits each.
    private static let most = 1 << 16

    /// Room for so many keys at 16 bits each, a power of two.
    package init(room: Int) {
        var blocks = 64
        while blocks < DirectoryFilter.most, blocks * 512 < room * 16 { blocks *= 2 }
        self.blocks = UInt64(blocks)
        words = CommitArray(blocks * 8, 0)
    }

    /// Whether a larger one would let less through: below 8 bits a key.
    package var isOverfull: Bool { blocks < UInt64(DirectoryFilter.most) && count * 8 > Int(blocks) * 512 }

    package func insert(_ key: UInt64) {
        count += 1
        let start = block(key)
        var bits = key &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<5 {
            let place = start &+ Int(bits >> 61)
            words[place] = words[place] | 1 << (bits >> 55 & 63)
            bits <<= 9
        }
    }

    /// False: certainly not. True: perhaps.
    package func mayContain(_ key: UInt64) -> Bool {
        let start = block(key)
        var bits = key &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<5 {
            if words[start &+ Int(bits >> 61)] & 1 << (bits >> 55 & 63) == 0 { return false }
            bits <<= 9
        }
        return true
    }

    func prefetch(_ key: UInt64) {
        words.prefetch(block(key))
    }

    private func block(_ key: UInt64) -> Int {
        Int(((key >> 32) &* blocks) >> 32) &* 8
    }
}
