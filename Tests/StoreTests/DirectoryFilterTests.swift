import Store
import Testing

@Suite struct `The filter before the directory` {
    private func key(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    @Test(arguments: [100, 20_000, 100_000])
    func `lets through what is there, and little else`(count: Int) {
        let filter = DirectoryFilter(room: count)
        for number in 0..<UInt64(count) { filter.insert(key(number)) }
        #expect((0..<UInt64(count)).allSatisfy { filter.mayContain(key($0)) })
        let others = (1_000_000..<UInt64(1_020_000)).count { filter.mayContain(key($0)) }
        #expect(others < 400, "\(others) of 20,000")
        #expect(!filter.isOverfull)
    }

    @Test func `says when a larger one would be better`() {
        let filter = DirectoryFilter(room: 1)
        for number in 0..<UInt64(100_000) { filter.insert(key(number)) }
        #expect(filter.isOverfull)
        #expect(filter.mayContain(key(99_999)))
    }
}
