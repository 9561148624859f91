import Identifiers
import Testing

struct UUIDs {
    @Test func `text and bytes go both ways`() throws {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057"
        let id = try #require(UUID(text))
        #expect(id.description == text)
        #expect(UUID(text.uppercased()) == id)
        #expect(UUID(bytes: id.bytes) == id)
        #expect(id.bytes.first == 0x01 && id.bytes.last == 0x57)
    }

    @Test(arguments: [
        "", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80577",
        "{1890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcceb-302099a8057",
        "g1890a5d-ac96-774b-bcce-b302099a8057",
    ])
    func `another form is refused`(text: String) {
        #expect(UUID(text) == nil)
    }

    @Test func `another count of bytes is refused`() {
        #expect(UUID(bytes: [UInt8](repeating: 0, count: 15)) == nil)
        #expect(UUID(bytes: [UInt8](repeating: 0, count: 17)) == nil)
    }

    @Test func `version 7 has its version, variant, time and row where RFC 9562 wants them`() {
        var generator = SystemRandomNumberGenerator()
        for row: Int64 in [0, 1, 1_000_000, 0xFFFF_FFFF_FFFF] {
            let id = UUID.version7(unixMilliseconds: 1_709_193_900_250, row: row, using: &generator)
            #expect(id.high >> 12 & 15 == 7)
            #expect(id.low >> 62 == 0b10)
            #expect(id.high >> 16 == 1_709_193_900_250)
            #expect(id.row == row)
        }
    }

    @Test func `ids are in the order of their times`() {
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<100).map { UUID.version7(unixMilliseconds: 1_000 + $0, using: &generator) }
        #expect(ids.shuffled().sorted() == ids)
        #expect(ids.map(\.description).sorted() == ids.map(\.description))
    }
}
