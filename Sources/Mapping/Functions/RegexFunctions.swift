extension MappingFunction {
    static let regularExpressions: [MappingFunction] = [regexExtract, regexReplace]

    private static let patternHelp = Label(
        "A regular expression of RE2; a backslash is written twice: \"\\\\d+\".",
        "تعبير نمطي بصيغة RE2؛ وتُكتب الشرطة المائلة العكسية مرتين: \"\\\\d+\"."
    )

    private static let regexExtract = MappingFunction(
        "regexExtract",
        .text,
        Label(
            "The first match of a regular expression, of its first group if it has one; nothing where nothing matches.",
            "أول مطابقة لتعبير نمطي، أو لأول مجموعة فيه إن وُجدت؛ ولا شيء حيث لا مطابقة."
        ),
        parameters: [
            Parameter("pattern", .fixedText, patternHelp),
            Parameter(
                "group",
                .fixedInteger,
                Label("Which group; 0 is the whole match.", "أي مجموعة؛ و0 هي المطابقة كلها."),
                isOptional: true
            ),
        ],
        examples: [
            Example("regexExtract(\"[0-9]+\")", "HR-0123/4", .value("0123")),
            Example("regexExtract(\"CN=([^,]+)\")", "CN=Huda Al-Harbi,OU=HR", .value("Huda Al-Harbi")),
            Example("regexExtract(\"(\\\\w+)@(\\\\w+)\", 2)", "huda@example", .value("example")),
            Example("regexExtract(\"[0-9]+\")", "HR", .empty),
        ],
        prepare: { call throws(ArgumentProblem) in
            let regex = try call.regex(0)
            let group = Int(call.integer(1) ?? (regex.groups > 0 ? 1 : 0))
            guard 0...regex.groups ~= group else {
                throw ArgumentProblem(
                    index: 1,
                    code: .badArgument,
                    message: "The pattern has no group \(group): it has \(regex.groups)."
                )
            }
            return .each { value, output in
                guard value.count <= ValueLimit.text else { return false }
                if let match = regex.find(in: value), let range = match[group] {
                    output.append(value.extracting(range))
                }
                return true
            }
        }
    )

    /// Bytes of a value in which matches are replaced. One search is linear, but a pattern may search to the end for each
    /// match: `x*y|x`.
    private static let mostReplaced = 8_192

    private static let regexReplace = MappingFunction(
        "regexReplace",
        .text,
        Label(
            "Replaces each match of a regular expression; \\\\1 stands for its first group.",
            "يستبدل كل مطابقة لتعبير نمطي؛ و\\\\1 تعني مجموعته الأولى."
        ),
        parameters: [
            Parameter("pattern", .fixedText, patternHelp),
            Parameter(
                "replacement",
                .fixedText,
                Label(
                    "A text; \\\\0 to \\\\9 stand for the match and its groups.",
                    "نص؛ و\\\\0 إلى \\\\9 تعني المطابقة ومجموعاتها."
                )
            ),
        ],
        examples: [
            Example("regexReplace(\"[^0-9]\", \"\")", "050-123 4567", .value("0501234567")),
            Example("regexReplace(\"^(\\\\w+), (\\\\w+)$\", \"\\\\2 \\\\1\")", "Harbi, Huda", .value("Huda Harbi")),
            Example("regexReplace(\"x\", \"y\")", "abc", .value("abc")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let regex = try call.regex(0)
            let parts = try call.replacement(1, groups: regex.groups)
            return .each { value, output in
                guard value.count <= mostReplaced else { return false }
                return regex.replace(in: value, by: parts, to: &output)
            }
        }
    )

    /// A piece of a replacement.
    fileprivate enum ReplacementPart: Sendable {
        case text([UInt8])
        case group(Int)
    }
}

extension LinearRegex {
    /// Appends the text with each match replaced; matches follow each other without overlap, an empty one never touches the
    /// match before it. false where that grows longer than a target takes.
    fileprivate func replace(
        in value: Span<UInt8>,
        by parts: [MappingFunction.ReplacementPart],
        to output: inout [UInt8]
    ) -> Bool {
        let most = output.count + ValueLimit.text
        var copied = 0
        var index = 0
        var lastEnd = -1
        while index <= value.count, let match = find(in: value, from: index), let whole = match[0] {
            if whole.isEmpty, whole.lowerBound == lastEnd {
                guard whole.lowerBound < value.count else { break }
                index = whole.lowerBound + value.characterLength(at: whole.lowerBound)
                lastEnd = -1
                continue
            }
            output.append(value.extracting(copied..<whole.lowerBound))
            for part in parts {
                switch part {
                case .text(let text): output += text
                case .group(let number): if let range = match[number] { output.append(value.extracting(range)) }
                }
            }
            copied = whole.upperBound
            lastEnd = whole.upperBound
            index = whole.upperBound
            guard output.count <= most else { return false }
        }
        output.append(value.extracting(copied..<value.count))
        return true
    }
}

extension MappingFunction.Call {
    fileprivate func regex(_ index: Int) throws(MappingFunction.ArgumentProblem) -> LinearRegex {
        do throws(LinearRegex.Fault) {
            return try LinearRegex(text(index))
        } catch {
            throw MappingFunction.ArgumentProblem(
                index: index,
                code: .badRegex,
                message: "This is no regular expression: \(error.message)."
            )
        }
    }

    fileprivate func replacement(
        _ index: Int,
        groups: Int
    ) throws(MappingFunction.ArgumentProblem) -> [MappingFunction.ReplacementPart] {
        var parts: [MappingFunction.ReplacementPart] = []
        var text: [UInt8] = []
        var isEscaped = false
        for byte in self.text(index).utf8 {
            if !isEscaped {
                if byte == UInt8(ascii: "\\") { isEscaped = true } else { text.append(byte) }
                continue
            }
            isEscaped = false
            if byte == UInt8(ascii: "\\") {
                text.append(byte)
                continue
            }
            let group = Int(byte) - Int(UInt8(ascii: "0"))
            guard 0...9 ~= group, group <= groups else {
                throw MappingFunction.ArgumentProblem(
                    index: index,
                    code: .badArgument,
                    message: 0...9 ~= group
                        ? "The pattern has no group \(group): it has \(groups)."
                        : "Behind the backslash of a replacement stands the number of a group."
                )
            }
            if !text.isEmpty { parts.append(.text(text)) }
            text = []
            parts.append(.group(group))
        }
        if isEscaped {
            throw MappingFunction.ArgumentProblem(
                index: index,
                code: .badArgument,
                message: "The replacement ends with a backslash."
            )
        }
        if !text.isEmpty { parts.append(.text(text)) }
        return parts
    }
}
