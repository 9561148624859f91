import Crypto
import Testing

struct Hashes {
    @Test func `SHA-256 of FIPS 180's examples, in one piece and in many`() {
        let cases = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
        for (text, hex) in cases {
            #expect(SHA256.hash(text).hex == hex)
            var pieces = SHA256()
            for byte in text.utf8 { pieces.update([byte]) }
            #expect(pieces.finish().hex == hex)
        }
    }

    @Test func `HMAC-SHA-256 of RFC 4231, cases 1, 2 and 6`() {
        let cases: [([UInt8], [UInt8], String)] = [
            (
                Array(repeating: 0x0B, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Array(repeating: 0xAA, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
        for (key, message, hex) in cases {
            #expect(HMAC.sha256(message, key: key).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex)
        }
        #expect(
            HMAC.isEqual([1, 2], [1, 2]) && !HMAC.isEqual([1, 2], [1, 3]) && !HMAC.isEqual([1], [1, 2])
                && HMAC.isEqual([], [])
        )
    }

    @Test func `random bytes are as many as asked for, and differ`() {
        #expect(randomBytes(0) == [])
        #expect(randomBytes(1_000).count == 1_000)
        #expect(randomBytes(32) != randomBytes(32))
    }
}

struct `The keyed hash` {
    /// The paper's algorithm for any byte string, in the clearest form: the witness.
    private func witness(_ bytes: [UInt8], key: [UInt8], compressions: Int = 1, finalizations: Int = 3) -> UInt64 {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
        let (k0, k1) = (word(key[..<8]), word(key[8...]))
        var v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]
        func rounds(_ count: Int) {
            for _ in 0..<count {
                v[0] &+= v[1]; v[2] &+= v[3]
                v[1] = rotated(v[1], 13) ^ v[0]; v[3] = rotated(v[3], 16) ^ v[2]
                v[0] = rotated(v[0], 32)
                v[2] &+= v[1]; v[0] &+= v[3]
                v[1] = rotated(v[1], 17) ^ v[2]; v[3] = rotated(v[3], 21) ^ v[0]
                v[2] = rotated(v[2], 32)
            }
        }
        var padded = bytes
        while padded.count % 8 != 7 { padded.append(0) }
        padded.append(UInt8(truncatingIfNeeded: bytes.count))
        for start in stride(from: 0, to: padded.count, by: 8) {
            let message = word(padded[start..<start + 8])
            v[3] ^= message
            rounds(compressions)
            v[0] ^= message
        }
        v[2] ^= 0xFF
        rounds(finalizations)
        return v[0] ^ v[1] ^ v[2] ^ v[3]
    }

    private let key: [UInt8] = Array(0..<16)

    @Test func `the witness itself gives the paper's SipHash-2-4 vector`() {
        // "SipHash: a fast short-input PRF", appendix A: bytes 00 … 0e under the key 00 … 0f.
        #expect(witness(Array(0..<15), key: key, compressions: 2, finalizations: 4) == 0xa129_ca61_49be_45e5)
    }

    @Test func `every length up to 300 agrees with the witness, at every alignment`() throws {
        let hash = try #require(SipHash(key: key))
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<320).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for length in 0...300 {
            for start in 0..<9 {
                let range = start..<start + length
                let expected = witness(Array(bytes[range]), key: key)
                try #require(unsafe hash.finish(bytes.span.bytes, from: start, to: start + length) == expected)
                // A column that ends with the value: no byte may be read behind it.
                let column = Array(bytes[..<(start + length)])
                try #require(unsafe hash.finish(column.span.bytes, from: start, to: start + length) == expected)
                try #require(hash.finish(Array(bytes[range]).span) == expected)
            }
        }
    }

    @Test func `Python's own SipHash-1-3 agrees`() throws {
        // CPython hashes bytes with SipHash-1-3 (3.11 on); with PYTHONHASHSEED=0 its key is 16 zero bytes.
        let program = """
            import sys
            if sys.hash_info.algorithm != "siphash13":
                sys.exit(42)
            for length in range(1, 65):
                print(hash(bytes(range(length))) % 2**64)
            """
        guard let output = try python(program, environment: ["PYTHONHASHSEED": "0"]) else {
            return print("suite siphash-python: absent")
        }
        let zeros = try #require(SipHash(key: Array(repeating: 0, count: 16)))
        let hashes = output.split(separator: "\n").map { UInt64($0) }
        #expect(hashes.count == 64)
        for (length, expected) in zip(1..., hashes) {
            #expect(zeros.finish(Array(0..<UInt8(length)).span) == expected, "\(length) bytes")
        }
        print("suite siphash-python: \(hashes.count) passed, 0 known failures, 0 absent")
    }
}
