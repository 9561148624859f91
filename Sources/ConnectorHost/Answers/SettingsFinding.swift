package import JSON

/// What a connector finds in settings that fit its schema.
package struct SettingsFinding: Sendable, Equatable {
    /// Into the settings (RFC 6901); empty for the whole.
    package var pointer: String
    /// Whether nothing can be done with such settings; else it is a warning.
    package var isError: Bool
    package var code: String
    package var message: String

    /// Reads the answer of `Question.validate`, as trainflow_plugin.h says it.
    package static func list(_ answer: JSONValue) throws(ConnectorError) -> [SettingsFinding] {
        do throws(JSONFieldError) {
            var fields = try JSONFields(answer)
            var findings: [SettingsFinding] = []
            for (index, finding) in try fields.array("findings").enumerated() {
                let place = JSONPointer.appending(index, to: fields.pointer(to: "findings"))
                findings.append(try SettingsFinding(finding, at: place))
            }
            return findings
        } catch {
            throw .unusable("list of findings", error)
        }
    }

    private init(_ json: JSONValue, at place: String) throws(JSONFieldError) {
        var fields = try JSONFields(json, at: place)
        pointer = try fields.optionalString("pointer") ?? ""
        guard pointer.isEmpty || pointer.hasPrefix("/") else {
            throw JSONFieldError(.notAllowed, at: fields.pointer(to: "pointer"), "must be empty or begin with /")
        }
        isError = try fields.oneOf("severity", ["error", "warning"]) == "error"
        code = try fields.optionalString("code") ?? "invalid_setting"
        message = try fields.string("message")
    }
}
