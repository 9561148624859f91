import Crypto
import Testing

@Suite struct SipHashTests {
    /// Key 00…0f, text 00… of growing length: the vectors of Rust's `core::hash::sip` (SipHasher13).
    @Test(
        arguments: [
            (0, 0xabac_0158_050f_c4dc), (1, 0xc9f4_9bf3_7d57_ca93), (7, 0xd392_7d98_9bb1_1140),
            (8, 0x3690_9511_8d29_9a8e), (15, 0xd320_d86d_2a51_9956), (63, 0x9d19_9062_b7bb_b3a8),
        ] as [(Int, UInt64)]
    )
    func `texts hash as everywhere`(count: Int, expected: UInt64) throws {
        let hash = try #require(SipHash(key: Array(0..<16)))
        #expect(hash.finish(Array(0..<UInt8(count)).span) == expected)
    }

    @Test func `words absorbed before are the same text`() throws {
        var hash = try #require(SipHash(key: Array(0..<16)))
        hash.absorb(0x0706_0504_0302_0100)
        #expect(hash.finish(Array(8..<15).span) == 0xd320_d86d_2a51_9956)
    }

    @Test func `a range hashes as its bytes alone`() throws {
        let hash = try #require(SipHash(key: Array(0..<16)))
        let bytes: [UInt8] = [9, 9] + Array(0..<15) + [9]
        #expect(unsafe hash.finish(bytes.span.bytes, from: 2, to: 17) == 0xd320_d86d_2a51_9956)
    }

    @Test func `a key is 16 bytes`() {
        #expect(SipHash(key: []) == nil)
        #expect(SipHash(key: Array(0..<17)) == nil)
    }
}
