package import Columns
package import JSON

/// A kind of record that a connector found, with its columns.
package struct DiscoveredStream: Sendable, Equatable {
    package var name: String
    package var columns: [Column]
    /// Names of the columns that tell records apart; empty if the source doesn't say.
    package var key: [String]
    /// The column by which changes are found.
    package var cursor: String?
    /// Whether a pull can bring only what changed.
    package var isIncremental: Bool
    /// What the connector found out about the source by itself, by name: `encoding`, `delimiter`.
    package var found: JSONObject

    package struct Column: Sendable, Equatable {
        package var field: Field
        /// A value of the first records, as text.
        package var sample: String?
    }

    /// Reads the answer of `Question.discover`, as trainflow_plugin.h says it.
    package static func list(_ answer: JSONValue) throws(ConnectorError) -> [DiscoveredStream] {
        do throws(JSONFieldError) {
            var fields = try JSONFields(answer)
            var streams: [DiscoveredStream] = []
            for (index, stream) in try fields.array("streams").enumerated() {
                let pointer = JSONPointer.appending(index, to: fields.pointer(to: "streams"))
                streams.append(try DiscoveredStream(stream, at: pointer))
            }
            return streams
        } catch {
            throw .unusable("list of its streams", error)
        }
    }

    private init(_ json: JSONValue, at pointer: String) throws(JSONFieldError) {
        var fields = try JSONFields(json, at: pointer)
        name = try fields.string("name")
        var columns: [Column] = []
        for (index, column) in try (fields.optionalArray("fields") ?? []).enumerated() {
            let place = JSONPointer.appending(index, to: fields.pointer(to: "fields"))
            columns.append(try Column(column, at: place))
        }
        self.columns = columns
        key = try (fields.optionalArray("key") ?? []).compactMap(\.stringValue)
        cursor = try fields.optionalString("cursor")
        isIncremental = try fields.optionalBool("incremental") ?? false
        found = try fields.optionalTexts("found")
    }
}

extension JSONFields {
    /// An object of texts; empty if there is none.
    fileprivate mutating func optionalTexts(_ name: String) throws(JSONFieldError) -> JSONObject {
        guard let value = optionalValue(name) else { return [:] }
        guard let object = value.objectValue, object.members.allSatisfy({ $0.value.stringValue != nil }) else {
            throw notAllowed(name, "must be an object of texts")
        }
        return object
    }
}

extension DiscoveredStream.Column {
    fileprivate init(_ json: JSONValue, at pointer: String) throws(JSONFieldError) {
        var fields = try JSONFields(json, at: pointer)
        let name = try fields.string("name")
        let format = try fields.string("type")
        let isNullable = try fields.optionalBool("nullable") ?? true
        sample = try fields.optionalString("sample")
        guard let type = ColumnType(discovered: format) else {
            throw fields.notAllowed("type", "is no Arrow format of a column: \(format)")
        }
        field = Field(name: name, type: type, isNullable: isNullable)
    }
}

extension ColumnType {
    /// Of lists and structures the format alone is told, not what is in them.
    fileprivate init?(discovered format: String) {
        switch format {
        case "+s": self = .structure([])
        case "+l": self = .list(Field(name: "item", type: .utf8))
        default: self.init(arrowFormat: format, children: [])
        }
    }
}
