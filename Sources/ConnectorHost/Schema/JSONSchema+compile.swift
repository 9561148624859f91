package import JSON

extension JSONSchema {
    /// Compiles a schema, or says which keyword at which place can't be used.
    package init(compiling schema: JSONValue) throws(Refusal) {
        var compiler = Compiler()
        try compiler.compile(root: schema)
        nodes = compiler.nodes
    }
}

private struct Compiler {
    typealias Node = JSONSchema.Node
    typealias Refusal = JSONSchema.Refusal

    var nodes: [Node] = []
    private var definitions: [String: Int] = [:]
    /// Where each node came from, for refusals found after all nodes stand.
    private var pointers: [String] = []

    private static let deepest = 32
    private static let mostNodes = 10_000

    init() {}

    mutating func compile(root: JSONValue) throws(Refusal) {
        let index = try reserve("")
        if case .object(let object) = root, let value = object["$defs"] {
            guard case .object(let defined) = value else { throw Refusal(pointer: "/$defs", message: "is no object") }
            for member in defined.members {
                definitions[member.name] = try reserve(JSONPointer.appending(member.name, to: "/$defs"))
            }
            for member in defined.members {
                guard let place = definitions[member.name] else { continue }
                try fill(place, with: member.value, at: pointers[place], depth: 1)
            }
        }
        try fill(index, with: root, at: "", depth: 0)
        try checkForLoops()
    }

    private mutating func reserve(_ pointer: String) throws(Refusal) -> Int {
        guard nodes.count < Self.mostNodes else { throw Refusal(pointer: pointer, message: "more than 10,000 schemas") }
        nodes.append(Node())
        pointers.append(pointer)
        return nodes.count - 1
    }

    private mutating func compile(_ schema: JSONValue, at pointer: String, depth: Int) throws(Refusal) -> Int {
        let index = try reserve(pointer)
        try fill(index, with: schema, at: pointer, depth: depth)
        return index
    }

    private mutating func fill(
        _ index: Int,
        with schema: JSONValue,
        at pointer: String,
        depth: Int
    ) throws(Refusal) {
        guard depth <= Self.deepest else { throw Refusal(pointer: pointer, message: "nested more than 32 deep") }
        var node = Node()
        switch schema {
        case .bool(let value): node.fixed = value
        case .object(let object):
            for member in object.members {
                let place = JSONPointer.appending(member.name, to: pointer)
                try read(member.name, member.value, into: &node, of: object, at: place, depth: depth + 1)
            }
        default: throw Refusal(pointer: pointer, message: "a schema is an object, true or false")
        }
        nodes[index] = node
    }

    private mutating func read(
        _ keyword: String,
        _ value: JSONValue,
        into node: inout Node,
        of schema: JSONObject,
        at pointer: String,
        depth: Int
    ) throws(Refusal) {
        switch keyword {
        case "type": node.types = try types(value, at: pointer)
        case "enum": node.allowed = try list(value, at: pointer)
        case "const":
            guard schema["enum"] == nil else { throw Refusal(pointer: pointer, message: "const beside enum") }
            node.allowed = [value]
        case "properties":
            for member in try object(value, at: pointer).members {
                let place = JSONPointer.appending(member.name, to: pointer)
                node.properties.append((member.name, try compile(member.value, at: place, depth: depth)))
            }
        case "required": node.required = try names(value, at: pointer)
        case "additionalProperties": node.additionalProperties = try compile(value, at: pointer, depth: depth)
        case "dependentRequired":
            for member in try object(value, at: pointer).members {
                let place = JSONPointer.appending(member.name, to: pointer)
                node.dependentRequired.append((member.name, try names(member.value, at: place)))
            }
        case "items": node.items = try compile(value, at: pointer, depth: depth)
        case "minItems", "maxItems", "minLength", "maxLength":
            try readCount(keyword, try count(value, at: pointer), into: &node, at: pointer)
        case "uniqueItems":
            guard case .bool(let isUnique) = value else { throw Refusal(pointer: pointer, message: "is no boolean") }
            node.hasUniqueItems = isUnique
        case "format":
            guard let name = value.stringValue, let format = SchemaFormat(rawValue: name) else {
                let known = SchemaFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(pointer: pointer, message: "is none of the formats that are checked: \(known)")
            }
            node.format = format
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
            try readBound(keyword, value, into: &node, at: pointer)
        case "oneOf": node.choice = try choice(value, at: pointer, depth: depth)
        case "if":
            let test = try compile(value, at: pointer, depth: depth)
            node.condition = JSONSchema.Condition(
                test: test,
                then: node.condition?.then,
                otherwise: node.condition?.otherwise
            )
        case "then", "else":
            guard schema["if"] != nil else { throw Refusal(pointer: pointer, message: "stands without an if") }
            let index = try compile(value, at: pointer, depth: depth)
            var condition = node.condition ?? JSONSchema.Condition(test: index, then: nil, otherwise: nil)
            if keyword == "then" { condition.then = index } else { condition.otherwise = index }
            node.condition = condition
        case "$ref": node.reference = try reference(value, at: pointer)
        case "$defs":
            guard pointer == "/$defs" else { throw Refusal(pointer: pointer, message: "stands only at the top") }
        case "$schema":
            guard pointer == "/$schema", value == "https://json-schema.org/draft/2020-12/schema" else {
                throw Refusal(
                    pointer: pointer,
                    message: "only https://json-schema.org/draft/2020-12/schema, at the top"
                )
            }
        case "title", "description":
            guard value.stringValue != nil else { throw Refusal(pointer: pointer, message: "is no text") }
        case "writeOnly":
            guard value.boolValue != nil else { throw Refusal(pointer: pointer, message: "is no boolean") }
        case "examples": _ = try list(value, at: pointer)
        case "default": break
        case "pattern":
            throw Refusal(
                pointer: pointer,
                message: "patterns are not checked by this host: use enum, format, minLength or maxLength"
            )
        default:
            guard keyword.hasPrefix("x-trainflow-") else {
                throw Refusal(pointer: pointer, message: "\(keyword) is not a keyword that is checked")
            }
        }
    }

    private func types(_ value: JSONValue, at pointer: String) throws(Refusal) -> Set<JSONSchema.ValueType> {
        let names: [JSONValue] = if case .array(let list) = value { list } else { [value] }
        var types: Set<JSONSchema.ValueType> = []
        for name in names {
            guard let type = name.stringValue.flatMap(JSONSchema.ValueType.init) else {
                throw Refusal(pointer: pointer, message: "is no type")
            }
            types.insert(type)
        }
        guard !types.isEmpty, types.count == names.count else {
            throw Refusal(pointer: pointer, message: "names no type, or one twice")
        }
        return types
    }

    private func list(_ value: JSONValue, at pointer: String) throws(Refusal) -> [JSONValue] {
        guard case .array(let list) = value, !list.isEmpty else {
            throw Refusal(pointer: pointer, message: "is no list with values")
        }
        return list
    }

    private func object(_ value: JSONValue, at pointer: String) throws(Refusal) -> JSONObject {
        guard case .object(let object) = value else { throw Refusal(pointer: pointer, message: "is no object") }
        return object
    }

    private func names(_ value: JSONValue, at pointer: String) throws(Refusal) -> [String] {
        guard case .array(let list) = value else { throw Refusal(pointer: pointer, message: "is no list of names") }
        let names = list.compactMap(\.stringValue)
        guard names.count == list.count, Set(names).count == names.count else {
            throw Refusal(pointer: pointer, message: "is no list of different names")
        }
        return names
    }

    private func count(_ value: JSONValue, at pointer: String) throws(Refusal) -> Int {
        guard let number = value.integerValue, number >= 0 else {
            throw Refusal(pointer: pointer, message: "is no whole number from 0")
        }
        return Int(number)
    }

    private func readCount(
        _ keyword: String,
        _ count: Int,
        into node: inout Node,
        at pointer: String
    ) throws(Refusal) {
        let isLength = keyword.hasSuffix("Length")
        let range = isLength ? node.length : node.itemCount
        let isLeast = keyword.hasPrefix("min")
        let (least, most) = isLeast ? (count, range.upperBound) : (range.lowerBound, count)
        guard least <= most else { throw Refusal(pointer: pointer, message: "leaves nothing: least is above most") }
        if isLength { node.length = least...most } else { node.itemCount = least...most }
    }

    private func readBound(
        _ keyword: String,
        _ value: JSONValue,
        into node: inout Node,
        at pointer: String
    ) throws(Refusal) {
        guard let number = ExactNumber(value) else { throw Refusal(pointer: pointer, message: "is no number") }
        switch keyword {
        case "minimum": node.minimum = number
        case "maximum": node.maximum = number
        case "exclusiveMinimum": node.exclusiveMinimum = number
        case "exclusiveMaximum": node.exclusiveMaximum = number
        default:
            guard number.isUsableAsDivisor else {
                throw Refusal(pointer: pointer, message: "is no positive number of at most 18 digits")
            }
            node.divisor = number
        }
        if case .number(let text) = value { node.bounds[keyword] = text }
        if case .integer(let integer) = value { node.bounds[keyword] = String(integer) }
    }

    private func reference(_ value: JSONValue, at pointer: String) throws(Refusal) -> Int {
        let start = "#/$defs/"
        guard let text = value.stringValue, text.hasPrefix(start) else {
            throw Refusal(pointer: pointer, message: "refers to something else than #/$defs/NAME")
        }
        let known = definitions.first { JSONPointer.appending($0.key, to: "#/$defs") == text }
        guard let known else { throw Refusal(pointer: pointer, message: "refers to \(text), which is not there") }
        return known.value
    }

    private mutating func choice(
        _ value: JSONValue,
        at pointer: String,
        depth: Int
    ) throws(Refusal) -> JSONSchema.Choice {
        let schemas = try list(value, at: pointer)
        var constants: [[(name: String, value: JSONValue)]] = []
        for schema in schemas {
            let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let properties = schema["properties"]?.objectValue?.members ?? []
            constants.append(
                properties.compactMap { property in
                    guard required.contains(property.name), let constant = property.value["const"] else { return nil }
                    return (property.name, constant)
                }
            )
        }
        let candidates = constants.first?.map(\.name) ?? []
        for candidate in candidates {
            let values = constants.compactMap { branch in branch.first { $0.name == candidate }?.value }
            let areDifferent = values.indices.allSatisfy { place in
                values[..<place].allSatisfy { !$0.isSchemaEqual(to: values[place]) }
            }
            guard values.count == schemas.count, areDifferent else { continue }
            var branches: [(constant: JSONValue, schema: Int)] = []
            for (place, schema) in schemas.enumerated() {
                branches.append((values[place], try compile(schema, at: "\(pointer)/\(place)", depth: depth)))
            }
            return JSONSchema.Choice(property: candidate, branches: branches)
        }
        throw Refusal(
            pointer: pointer,
            message: "has no discriminator: a required property whose const differs in each branch"
        )
    }

    /// A schema that applies itself to the same value would never end.
    private func checkForLoops() throws(Refusal) {
        var isDone = [Bool](repeating: false, count: nodes.count)
        var isOpen = isDone
        // An explicit stack: a node is opened, its followers are pushed above it, and it is closed when seen again.
        for start in nodes.indices where !isDone[start] {
            var stack = [start]
            while let index = stack.last {
                if isDone[index] || isOpen[index] {
                    isOpen[index] = false
                    isDone[index] = true
                    stack.removeLast()
                    continue
                }
                isOpen[index] = true
                for next in nodes[index].appliedToSameValue where !isDone[next] {
                    guard !isOpen[next] else {
                        throw Refusal(pointer: pointers[next], message: "refers back to itself")
                    }
                    stack.append(next)
                }
            }
        }
    }
}

extension JSONSchema.Node {
    fileprivate var appliedToSameValue: [Int] {
        var followers = choice?.branches.map(\.schema) ?? []
        if let reference { followers.append(reference) }
        if let condition { followers += [condition.test, condition.then, condition.otherwise].compactMap { $0 } }
        return followers
    }
}
