internal import Columns
internal import JSON

extension SourceSchema {
    static let mostNodes = 4_096
    static let deepest = 16

    /// Reads and checks the body of a `schema` frame.
    init(frameBody body: [UInt8]) throws(ConnectorError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw .brokenProtocol("the schema is no JSON: \(error)")
        }
        try self.init(json)
    }

    private init(_ json: JSONValue) throws(ConnectorError) {
        var count = 0
        do throws(JSONFieldError) {
            var members = try JSONFields(json)
            let list = try members.array("fields")
            fields = try Self.fields(list, at: members.pointer(to: "fields"), level: 1, count: &count)
            var metadata = try members.optionalFields("metadata")
            locatorKind =
                try metadata?.optionalOneOf("trainflow.locator", ["line", "row", "byte_offset", "index"]) ?? ""
            source = try metadata?.optionalString("trainflow.source") ?? ""
            try members.finish()
        } catch {
            throw .brokenProtocol("the schema's \(error)")
        }
        try checkReservedColumns()
    }

    /// How many nodes a batch of these fields has.
    static func nodeCount(of fields: [Field]) -> Int {
        fields.reduce(0) { $0 + 1 + nodeCount(of: $1.type.children) }
    }

    private static func fields(
        _ list: [JSONValue],
        at pointer: String,
        level: Int,
        count: inout Int
    ) throws(JSONFieldError) -> [Field] {
        guard level <= deepest || list.isEmpty else {
            throw JSONFieldError(.notAllowed, at: pointer, "is nested more than 16 deep")
        }
        guard !list.isEmpty || level > 1 else { throw JSONFieldError(.notAllowed, at: pointer, "has no field") }
        var fields: [Field] = []
        var names: Set<[UInt8]> = []
        for (place, value) in list.enumerated() {
            count += 1
            let pointer = JSONPointer.appending(place, to: pointer)
            guard count <= mostNodes else { throw JSONFieldError(.notAllowed, at: pointer, "is one of over 4,096") }
            var members = try JSONFields(value, at: pointer)
            let name = try members.string("name")
            let format = try members.string("format")
            let isNullable = try members.bool("nullable")
            let children = try members.optionalArray("children") ?? []
            let childFields = try Self.fields(
                children,
                at: members.pointer(to: "children"),
                level: level + 1,
                count: &count
            )
            try members.finish()
            guard let type = ColumnType(arrowFormat: format, children: childFields) else {
                throw members.notAllowed(
                    "format",
                    "is \"\(format)\" (column \(name)), which does not cross this border"
                )
            }
            guard childFields.allSatisfy({ !$0.name.isEmpty }) || format == "+l" else {
                throw members.notAllowed("children", "hold one without a name")
            }
            guard level > 1 || !name.isEmpty else { throw members.notAllowed("name", "is empty") }
            guard names.insert(Array(name.utf8)).inserted else { throw members.notAllowed("name", "stands twice") }
            fields.append(Field(name: name, type: type, isNullable: isNullable))
        }
        return fields
    }

    /// trainflow_plugin.h, "Reserved columns of a pulled batch".
    private mutating func checkReservedColumns() throws(ConnectorError) {
        let reserved: [String: ColumnType] = [
            "_tf_at": .int64, "_tf_error": .utf8, "_tf_raw": .binary, "_tf_op": .int8,
            AbsentValues.columnName: .binary,
        ]
        for field in fields where field.name.hasPrefix("_tf_") {
            guard let type = reserved[field.name] else {
                throw .brokenProtocol("a column is called \(field.name), and names with _tf_ are reserved")
            }
            guard field.type == type else {
                throw .brokenProtocol("the reserved column \(field.name) has another type than the header says")
            }
        }
        let names = fields.map(\.name)
        guard !names.contains("_tf_raw") || names.contains("_tf_error") else {
            throw .brokenProtocol("there is a column _tf_raw without _tf_error")
        }
        if locatorKind.isEmpty {
            guard !names.contains("_tf_at") else {
                throw .brokenProtocol("the schema's metadata doesn't say in trainflow.locator what _tf_at counts")
            }
            locatorKind = "index"
        }
    }
}

extension ColumnType {
    var children: [Field] {
        switch self {
        case .structure(let fields): fields
        case .list(let field): [field]
        default: []
        }
    }
}
