package import JSON

extension JSONSchema {
    /// Everything in a value that the schema does not allow; empty if it fits. At most 100.
    package func findings(in value: JSONValue) -> [Finding] {
        var validation = Validation(schema: self)
        validation.check(value, by: 0, at: "")
        if validation.isExhausted {
            validation.findings.append(Finding(pointer: "", message: "is too involved to be checked"))
        }
        return validation.findings
    }
}

private struct Validation {
    typealias Finding = JSONSchema.Finding

    let nodes: [JSONSchema.Node]
    var findings: [Finding] = []
    /// Conditions inside definitions inside conditions can multiply: what takes longer than this is refused.
    private var stepsLeft = 100_000

    var isExhausted: Bool { stepsLeft < 0 }

    private static let mostFindings = 100

    init(schema: JSONSchema) {
        nodes = schema.nodes
    }

    mutating func check(_ value: JSONValue, by index: Int, at pointer: String) {
        stepsLeft -= 1
        guard findings.count < Self.mostFindings, !isExhausted else { return }
        let node = nodes[index]
        if let fixed = node.fixed {
            if !fixed { report(pointer, "isn't allowed here") }
            return
        }
        if let types = node.types, !types.contains(where: value.is) {
            let wanted = JSONSchema.ValueType.allCases.filter(types.contains).map(\.article)
            return report(pointer, "must be \(wanted.joined(separator: " or "))")
        }
        if let allowed = node.allowed, !allowed.contains(where: { $0.isSchemaEqual(to: value) }) {
            report(pointer, "must be \(Self.list(allowed))")
        }
        switch value {
        case .string(let text): check(text, by: node, at: pointer)
        case .array(let list): check(list, by: node, at: pointer)
        case .object(let object): check(object, by: node, at: pointer)
        case .integer, .number:
            if let number = ExactNumber(value) { check(number, by: node, at: pointer) }
        case .null, .bool: break
        }
        if let reference = node.reference { check(value, by: reference, at: pointer) }
        if let condition = node.condition { check(value, by: condition, at: pointer) }
        if let choice = node.choice { check(value, by: choice, at: pointer) }
    }

    private mutating func check(_ text: String, by node: JSONSchema.Node, at pointer: String) {
        let length = text.unicodeScalars.count
        if length < node.length.lowerBound {
            report(pointer, length == 0 ? "must not be empty" : "is shorter than \(node.length.lowerBound) characters")
        }
        if length > node.length.upperBound { report(pointer, "is longer than \(node.length.upperBound) characters") }
        if let format = node.format, !format.accepts(text) {
            report(pointer, "must be a \(format.rawValue), as \(format.example)")
        }
    }

    private mutating func check(_ number: ExactNumber, by node: JSONSchema.Node, at pointer: String) {
        func text(_ keyword: String) -> String { node.bounds[keyword] ?? "" }
        if let least = node.minimum, number < least { report(pointer, "must be at least \(text("minimum"))") }
        if let most = node.maximum, most < number { report(pointer, "must be at most \(text("maximum"))") }
        if let least = node.exclusiveMinimum, number <= least {
            report(pointer, "must be more than \(text("exclusiveMinimum"))")
        }
        if let most = node.exclusiveMaximum, most <= number {
            report(pointer, "must be less than \(text("exclusiveMaximum"))")
        }
        if let divisor = node.divisor, !number.isMultiple(of: divisor) {
            report(pointer, "must be a multiple of \(text("multipleOf"))")
        }
    }

    private mutating func check(_ list: [JSONValue], by node: JSONSchema.Node, at pointer: String) {
        if list.count < node.itemCount.lowerBound {
            report(pointer, "needs at least \(node.itemCount.lowerBound) items")
        }
        if list.count > node.itemCount.upperBound {
            report(pointer, "has more than \(node.itemCount.upperBound) items")
        }
        if node.hasUniqueItems { checkUniqueness(of: list, at: pointer) }
        guard let items = node.items else { return }
        for (place, item) in list.enumerated() { check(item, by: items, at: JSONPointer.appending(place, to: pointer)) }
    }

    private mutating func checkUniqueness(of list: [JSONValue], at pointer: String) {
        for (place, item) in list.enumerated() {
            stepsLeft -= place
            guard !isExhausted else { return }
            guard let earlier = list[..<place].firstIndex(where: { $0.isSchemaEqual(to: item) }) else { continue }
            return report(JSONPointer.appending(place, to: pointer), "repeats item \(earlier)")
        }
    }

    private mutating func check(_ object: JSONObject, by node: JSONSchema.Node, at pointer: String) {
        for name in node.required where object[name] == nil {
            report(JSONPointer.appending(name, to: pointer), "is required")
        }
        for (name, needs) in node.dependentRequired where object[name] != nil {
            for need in needs where object[need] == nil {
                report(JSONPointer.appending(need, to: pointer), "is required beside \(name)")
            }
        }
        for member in object.members {
            let place = JSONPointer.appending(member.name, to: pointer)
            if let property = node.properties.first(where: { $0.name == member.name }) {
                check(member.value, by: property.schema, at: place)
            } else if let additional = node.additionalProperties {
                guard nodes[additional].fixed == false else {
                    check(member.value, by: additional, at: place)
                    continue
                }
                let meant = nearest(to: member.name, in: node.properties.map(\.name))
                report(place, "isn't known" + (meant.map { "; did you mean \($0)?" } ?? ""))
            }
        }
    }

    private mutating func check(_ value: JSONValue, by condition: JSONSchema.Condition, at pointer: String) {
        let before = findings
        findings = []
        check(value, by: condition.test, at: pointer)
        let holds = findings.isEmpty
        findings = before
        if let follower = holds ? condition.then : condition.otherwise { check(value, by: follower, at: pointer) }
    }

    private mutating func check(_ value: JSONValue, by choice: JSONSchema.Choice, at pointer: String) {
        guard case .object(let object) = value else { return report(pointer, "must be an object") }
        let place = JSONPointer.appending(choice.property, to: pointer)
        guard let chosen = object[choice.property] else { return report(place, "is required") }
        guard let branch = choice.branches.first(where: { $0.constant.isSchemaEqual(to: chosen) }) else {
            return report(place, "must be \(Self.list(choice.branches.map(\.constant)))")
        }
        check(value, by: branch.schema, at: pointer)
    }

    private mutating func report(_ pointer: String, _ message: String) {
        let finding = Finding(pointer: pointer, message: message)
        if !findings.contains(finding) { findings.append(finding) }
    }

    /// The values as they are written in JSON: `"a", "b" or 3`.
    private static func list(_ values: [JSONValue]) -> String {
        let texts = values.prefix(20).map { $0.text }
        guard values.count <= 20, let last = texts.last else { return "one of \(texts.joined(separator: ", ")), …" }
        return texts.count == 1 ? last : texts.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension JSONValue {
    fileprivate func `is`(_ type: JSONSchema.ValueType) -> Bool {
        switch (self, type) {
        case (.null, .null), (.bool, .boolean), (.string, .string), (.array, .array), (.object, .object): true
        case (.integer, .integer), (.integer, .number), (.number, .number): true
        case (.number, .integer): ExactNumber(self)?.isInteger ?? false
        default: false
        }
    }
}
