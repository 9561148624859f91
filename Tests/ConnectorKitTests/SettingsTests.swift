import ConnectorKit
import Testing

@Suite struct `Reading settings` {
    private func settings(_ json: String) throws -> Settings {
        try Settings(json: Array(json.utf8))
    }

    @Test func `values come by name and type, null counts as missing`() throws {
        var settings = try settings(#"{"a":"x","n":5,"f":true,"s":{"inner":"y"},"none":null}"#)
        #expect(try settings.text("a") == "x")
        #expect(try settings.text("a", oneOf: ["x", "y"]) == "x")
        #expect(try settings.integer("n", in: 1...5) == 5)
        #expect(try settings.flag("f") == true)
        #expect(try settings.text("none") == nil)
        #expect(try settings.integer("missing", in: 0...1) == nil)
        var section = try #require(try settings.section("s"))
        #expect(try section.text("inner") == "y")
        try section.finish()
        try settings.finish()
    }

    @Test func `failures point at the setting, inside sections too`() throws {
        var outer = try settings(#"{"n":6,"s":{"deep":1}}"#)
        let range = #expect(throws: ConnectorFailure.self) { try outer.integer("n", in: 1...5) }
        #expect(range?.pointer == "/n")
        #expect(range?.message == "Setting /n: must be from 1 to 5.")
        #expect(range?.failureClass == .config)
        var section = try #require(try outer.section("s"))
        let deep = #expect(throws: ConnectorFailure.self) { try section.text("deep") }
        #expect(deep?.pointer == "/s/deep")
        let refusal = section.refusal(of: "deep", "must be deeper")
        #expect(refusal.pointer == "/s/deep")
        #expect(refusal.message == "Setting /s/deep: must be deeper.")
        let unknown = #expect(throws: ConnectorFailure.self) { try settings(#"{"x":1}"#).finish() }
        #expect(unknown?.code == "setting_unknown_field")
    }
}
