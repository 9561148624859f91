extension MappingFunction {
    static let text: [MappingFunction] = [trim, normalizeSpace, lower, upper, concatNonEmpty]

    private static let trim = MappingFunction(
        name: "trim",
        summary: "Takes white space and direction marks off both ends.",
        input: .text,
        parameters: [],
        result: .text,
        examples: [
            Example("trim", "  Huda ", .value("Huda")),
            Example("trim", "\u{A0}Qureshi\u{200F} ", .value("Qureshi")),
            Example("trim", " Al  Harbi", .value("Al  Harbi")),
        ],
        constants: .changed,
        proof: .nothing,
        prepare: { _ in .growing { value, _, _ in value.trim() } }
    )

    private static let normalizeSpace = MappingFunction(
        name: "normalizeSpace",
        summary: "trim, and one space for each run of white space inside.",
        input: .text,
        parameters: [],
        result: .text,
        examples: [Example("normalizeSpace", " Huda \u{A0} Khalid\t", .value("Huda Khalid"))],
        constants: .changed,
        proof: .nothing,
        prepare: { _ in .growing { value, _, failure in value.normalizeSpace(failure: failure) } }
    )

    private static let lower = MappingFunction(
        name: "lower",
        summary: "Lower case, in every script that has it.",
        input: .text,
        parameters: [],
        result: .text,
        examples: [
            Example("lower", "Huda.AlHarbi@Example.COM", .value("huda.alharbi@example.com")),
            Example("lower", "ÉMILE ÖZ ΣΟΦΙΑ", .value("émile öz σοφια")),
        ],
        constants: .changed,
        proof: .nothing,
        prepare: { _ in .growing { value, _, failure in value.lowercase(failure: failure) } }
    )

    private static let upper = MappingFunction(
        name: "upper",
        summary: "Upper case, in every script that has it.",
        input: .text,
        parameters: [],
        result: .text,
        examples: [
            Example("upper", "hr-012", .value("HR-012")),
            Example("upper", "straße", .value("STRASSE")),
        ],
        constants: .changed,
        proof: .nothing,
        prepare: { _ in .growing { value, _, failure in value.uppercase(failure: failure) } }
    )

    private static let concatNonEmpty = MappingFunction(
        name: "concatNonEmpty",
        summary: "Joins the value and other parts with a separator, leaving out what is empty.",
        input: .text,
        parameters: [
            Parameter(name: "separator", kind: .fixedText),
            Parameter(name: "part", kind: .text, isVariadic: true),
        ],
        result: .text,
        examples: [
            Example(
                "concatNonEmpty(\" \", last_name)",
                "Huda",
                fields: ["last_name": "Al-Harbi"],
                .value("Huda Al-Harbi")
            ),
            Example("concatNonEmpty(\" \", last_name)", "Huda", fields: ["last_name": ""], .value("Huda")),
            Example(
                "trim | concatNonEmpty(\", \", city | trim, \"SA\")",
                "HR ",
                fields: ["city": " Riyadh"],
                .value("HR, Riyadh, SA")
            ),
        ],
        constants: .none,
        proof: .nothing,
        prepare: { call in
            let separator = Array(call.text(0).utf8)
            return .growing { value, arguments, failure in
                for part in arguments.dropFirst() {
                    value.join(separator, part.vector(count: value.count), failure: failure)
                }
            }
        }
    )
}

extension MappingFunction.Step {
    /// A step that fails only where a value grows too long.
    static func growing(_ change: @escaping @Sendable (inout TextVector, [Operand], UInt8) -> Void) -> Self {
        Self(apply: change) { _, _ in TargetField.tooLong }
    }
}

extension MappingFunction.Call {
    /// An argument that was checked to be a text written out.
    func text(_ index: Int) -> String {
        guard index < literals.count, case .text(let text) = literals[index] else { return "" }
        return text
    }
}

extension Operand {
    func vector(count: Int) -> TextVector {
        switch self {
        case .vector(let vector): vector
        case .constant(let bytes): TextVector(repeating: bytes, count: count)
        }
    }
}
