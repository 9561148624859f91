import ConnectorHost
import Testing

@Suite struct ELFNotesTests {
    private func manifests(in bytes: [UInt8]) throws(ELFError) -> [[UInt8]] {
        try ELFNotes.notes(named: "TrainFlow", type: 1, in: bytes).map(\.bytes)
    }

    @Test(arguments: [true, false], [4, 8] as [UInt64])
    func `finds the note through segments and sections, once`(hasSections: Bool, alignment: UInt64) throws {
        var image = ELFImage(hasSections: hasSections, alignment: alignment)
        image.notes = [
            .init(name: "GNU", type: 3, bytes: [1, 2, 3]), .init(bytes: Array("{}".utf8)),
            .init(type: 2, bytes: [9]),
        ]
        #expect(try manifests(in: image.bytes) == [Array("{}".utf8)])
    }

    @Test func `two notes are two`() throws {
        let image = ELFImage(notes: [.init(bytes: [1]), .init(bytes: [2])])
        #expect(try manifests(in: image.bytes) == [[1], [2]])
    }

    @Test func `says what kind of file it is instead`() {
        func reason(_ bytes: [UInt8]) -> String? {
            #expect(throws: ELFError.self) { try manifests(in: bytes) }?.reason
        }
        let image = ELFImage(notes: [.init(bytes: [1])]).bytes
        func changed(_ place: Int, _ value: UInt8) -> [UInt8] {
            var bytes = image
            bytes[place] = value
            return bytes
        }
        #expect(reason([]) == "it is too short to be a shared object")
        #expect(reason(Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 0, count: 100)) == "it is not an ELF file")
        #expect(reason(changed(4, 1)) == "it is not a 64-bit little-endian ELF file of version 1")
        #expect(reason(changed(5, 2)) == "it is not a 64-bit little-endian ELF file of version 1")
        #expect(reason(changed(16, 2)) == "it is an ELF file, but not a shared object")
        #expect(reason(changed(18, 1)) == "it is built for another processor")
    }

    @Test func `places beyond the end are named, not read`() {
        let image = ELFImage(notes: [.init(bytes: [UInt8](repeating: 7, count: 40))]).bytes
        for place in [32, 40, 64 + 8, 64 + 32, 120 + 64 + 24, 120 + 64 + 32] {
            for value: UInt64 in [.max, .max - 63, 1 << 63, UInt64(image.count) + 1, 0x7FFF_FFFF_FFFF_FFFF] {
                var bytes = image
                bytes.replaceSubrange(place..<place + 8, with: little(value))
                #expect(throws: ELFError.self) { try manifests(in: bytes) }
            }
        }
    }

    @Test func `every cut and every changed byte ends in notes or in a reason`() {
        let image = ELFImage(notes: [
            .init(name: "GNU", bytes: [1, 2, 3, 4]), .init(bytes: [UInt8](repeating: 7, count: 9)),
        ]).bytes
        var refused = 0
        for length in image.indices {
            do throws(ELFError) { _ = try manifests(in: Array(image[..<length])) } catch { refused += 1 }
        }
        #expect(refused > image.count / 2)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            var bytes = image
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(ELFError) { _ = try manifests(in: bytes) } catch { refused += 1 }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
