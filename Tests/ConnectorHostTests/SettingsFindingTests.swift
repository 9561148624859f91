import ConnectorHost
import JSON
import Testing

@Suite struct `What a connector finds in settings` {
    private static func findings(_ pointer: JSONValue) throws -> [SettingsFinding] {
        let finding: JSONValue = ["pointer": pointer, "severity": "error", "code": "wrong", "message": "It is wrong."]
        return try SettingsFinding.list(["findings": [finding]])
    }

    @Test(arguments: ["", "/rows", "/rows/0"])
    func `stands at its place in them`(pointer: String) throws {
        let found = try Self.findings(.string(pointer))
        #expect(found.map(\.pointer) == [pointer] && found.allSatisfy(\.isError))
    }

    @Test func `has no place where no pointer is given`() throws {
        #expect(try Self.findings(.null).map(\.pointer) == [""])
    }

    @Test func `at what is no pointer is the connector's fault, and says where`() {
        let error = #expect(throws: ConnectorError.self) { try Self.findings("rows") }
        #expect(error?.errorClass == .protocol && error?.message.contains("/findings/0/pointer") == true)
    }
}
