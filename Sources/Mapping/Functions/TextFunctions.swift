extension MappingFunction {
    static let text: [MappingFunction] = [
        trim, normalizeSpace, lower, upper, title, nfc, concatNonEmpty, substring, padLeft, split, item, join, initials,
        slug,
    ]

    private static let trim = MappingFunction(
        "trim",
        .text,
        Label(
            "Takes white space and direction marks off both ends.",
            "يزيل المسافات وعلامات اتجاه النص من الطرفين."
        ),
        examples: [
            Example("trim", "  Huda ", .value("Huda")),
            Example("trim", "\u{A0}Qureshi\u{200F} ", .value("Qureshi")),
            Example("trim", " Al  Harbi", .value("Al  Harbi")),
        ],
        prepare: { _ in .growing { value, _, _ in value.trim() } }
    )

    private static let normalizeSpace = MappingFunction(
        "normalizeSpace",
        .text,
        Label(
            "trim, and one space for each run of white space inside.",
            "مثل trim، ويجعل كل تتابع من المسافات في الداخل مسافة واحدة."
        ),
        examples: [Example("normalizeSpace", " Huda \u{A0} Khalid\t", .value("Huda Khalid"))],
        prepare: { _ in .growing { value, _, failure in value.normalizeSpace(failure: failure) } }
    )

    private static let lower = MappingFunction(
        "lower",
        .text,
        Label("Lower case, in every script that has it.", "يحوّل إلى الأحرف الصغيرة في كل كتابة فيها أحرف صغيرة."),
        examples: [
            Example("lower", "Huda.AlHarbi@Example.COM", .value("huda.alharbi@example.com")),
            Example("lower", "ÉMILE ÖZ ΣΟΦΙΑ", .value("émile öz σοφια")),
        ],
        prepare: { _ in .growing { value, _, failure in value.lowercase(failure: failure) } }
    )

    private static let upper = MappingFunction(
        "upper",
        .text,
        Label("Upper case, in every script that has it.", "يحوّل إلى الأحرف الكبيرة في كل كتابة فيها أحرف كبيرة."),
        examples: [
            Example("upper", "hr-012", .value("HR-012")),
            Example("upper", "straße", .value("STRASSE")),
        ],
        prepare: { _ in .growing { value, _, failure in value.uppercase(failure: failure) } }
    )

    private static let title = MappingFunction(
        "title",
        .text,
        Label(
            "A capital at the begin of each word, the rest in lower case; O'Brien and Al-Harbi keep both capitals.",
            "حرف كبير في بداية كل كلمة والباقي أحرف صغيرة؛ ويبقى الحرفان الكبيران في O'Brien وAl-Harbi."
        ),
        examples: [
            Example("title", "HUDA AL-HARBI", .value("Huda Al-Harbi")),
            Example("title", "sean o'brien's desk", .value("Sean O'Brien's Desk")),
            Example("title", "هدى الحربي", .value("هدى الحربي")),
        ],
        prepare: { _ in .eachText { Words.title($0) } }
    )

    private static let nfc = MappingFunction(
        "nfc",
        .text,
        Label(
            "Letters and their accents as one character where Unicode has it (normalisation form C).",
            "يدمج الحرف وعلاماته في محرف واحد حيث يوجد في يونيكود (صيغة التطبيع C)."
        ),
        examples: [
            Example("nfc", "Jose\u{301}", .value("Jos\u{E9}")),
            Example("nfc", "\u{627}\u{653}", .value("\u{622}")),
        ],
        prepare: { _ in
            .each(beyondASCII: true) { value, output in
                if ByteScan.isASCII(value) {
                    output.append(value)
                } else {
                    output += Unicode.composed([UInt8](value))
                }
                return true
            }
        }
    )

    private static let concatNonEmpty = MappingFunction(
        "concatNonEmpty",
        .text,
        Label(
            "Joins the value and other parts with a separator, leaving out what is empty.",
            "يصل القيمة بأجزاء أخرى مع فاصل بينها، ويترك الفارغ منها."
        ),
        parameters: [
            Parameter(
                "separator",
                .fixedText,
                Label("What stands between two parts; may be empty.", "ما يقف بين جزأين؛ ويجوز أن يكون فارغا.")
            ),
            Parameter(
                "part",
                .text,
                Label("A text, a field, or a field with functions.", "نص، أو حقل، أو حقل مع دوال."),
                isVariadic: true
            ),
        ],
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
        prepare: { call in
            let separator = Array(call.text(0).utf8)
            return .growing { value, arguments, failure in
                for part in arguments.dropFirst() {
                    value.join(separator, part.vector(count: value.count), failure: failure)
                }
            }
        }
    )

    private static let substring = MappingFunction(
        "substring",
        .text,
        Label(
            "The characters from one place to before another, counted from 0; what a shorter value doesn't have is left out.",
            "المحارف من موضع إلى ما قبل موضع آخر، والعدّ من 0؛ وما ليس في القيمة القصيرة يُترك."
        ),
        parameters: [
            Parameter(
                "start",
                .fixedInteger,
                Label("The first character; negative counts from the end.", "أول محرف؛ والسالب يُعدّ من النهاية.")
            ),
            Parameter(
                "end",
                .fixedInteger,
                Label(
                    "The character behind the last; negative counts from the end; left out: to the end.",
                    "المحرف الذي بعد الأخير؛ والسالب يُعدّ من النهاية؛ وإن تُرك فإلى النهاية."
                ),
                isOptional: true
            ),
        ],
        examples: [
            Example("substring(3)", "HR-012", .value("012")),
            Example("substring(0, 2)", "HR-012", .value("HR")),
            Example("substring(-4)", "0501234567", .value("4567")),
            Example("substring(0, 2)", "é", .value("é")),
            Example("substring(5)", "abc", .empty),
        ],
        prepare: { call in
            let start = Int(call.integer(0) ?? 0)
            let end = call.integer(1).map { Int($0) }
            return .each { value, output in
                // Only where something is counted from the end does it matter how many there are.
                let count = start < 0 || (end ?? 0) < 0 ? value.characterCount() : value.count
                let first = start < 0 ? max(0, count + start) : start
                let last = end.map { $0 < 0 ? count + $0 : $0 } ?? value.count
                guard first < last else { return true }
                let from = value.offset(ofCharacter: first)
                let rest = value.extracting(from...)
                output.append(rest.extracting(..<rest.offset(ofCharacter: last - first)))
                return true
            }
        }
    )

    private static let padLeft = MappingFunction(
        "padLeft",
        .text,
        Label(
            "Puts characters before the value until it has so many; longer values stay.",
            "يضع محارف قبل القيمة حتى يبلغ طولها العدد المطلوب؛ وتبقى القيم الأطول كما هي."
        ),
        parameters: [
            Parameter("width", .fixedInteger, Label("Characters, 1 to 255.", "عدد المحارف، من 1 إلى 255.")),
            Parameter(
                "fill",
                .fixedText,
                Label("One character.", "محرف واحد."),
                standard: "\"0\""
            ),
        ],
        examples: [
            Example("padLeft(6)", "4996", .value("004996")),
            Example("padLeft(6)", "1004996", .value("1004996")),
            Example("padLeft(4, \"*\")", "ab", .value("**ab")),
            Example("padLeft(6)", "", .empty),
        ],
        prepare: { call throws(ArgumentProblem) in
            let width = try call.integer(0, in: 1...255, "width")
            let fill = call.isGiven(1) ? call.text(1) : "0"
            guard fill.unicodeScalars.count == 1 else {
                throw ArgumentProblem(
                    index: 1,
                    code: .badArgument,
                    message: "The fill of padLeft is one character, and this is \(fill.unicodeScalars.count)."
                )
            }
            let bytes = Array(fill.utf8)
            return .each { value, output in
                for _ in 0..<max(0, Int(width) - value.characterCount()) { output += bytes }
                output.append(value)
                return true
            }
        }
    )

    private static let split = MappingFunction(
        "split",
        .text,
        Label(
            "Makes a list of the parts between separators; item and join go on with it.",
            "يصنع قائمة من الأجزاء التي بين الفواصل؛ ويُكمَل بـ item أو join."
        ),
        parameters: [
            Parameter(
                "separator",
                .fixedText,
                Label("What stands between the parts.", "ما يقف بين الأجزاء.")
            )
        ],
        results: [.list],
        examples: [
            Example("split(\"/\") | item(1)", "HR/Riyadh/A", .value("Riyadh")),
            Example("split(\", \") | join(\";\")", "a, b, c", .value("a;b;c")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let separator = Array(call.text(0).utf8)
            guard !separator.isEmpty else {
                throw ArgumentProblem(index: 0, code: .badArgument, message: "The separator of split can't be empty.")
            }
            return .each { value, output in
                var index = 0
                while index < value.count {
                    if value.matches(separator, at: index) {
                        output.append(TextList.end)
                        index += separator.count
                    } else {
                        output.append(value[index])
                        index += 1
                    }
                }
                output.append(TextList.end)
                return true
            }
        }
    )

    private static let item = MappingFunction(
        "item",
        .text,
        Label(
            "One text of a list, counted from 0; nothing where the list is shorter.",
            "نص واحد من قائمة، والعدّ من 0؛ ولا شيء إن كانت القائمة أقصر."
        ),
        inputs: [.list],
        parameters: [
            Parameter(
                "index",
                .fixedInteger,
                Label("Which; -1 is the last.", "أيّها؛ والرقم ‎-1 هو الأخير.")
            )
        ],
        examples: [
            Example("split(\"-\") | item(0)", "HR-012", .value("HR")),
            Example("split(\"-\") | item(-1)", "HR-012", .value("012")),
            Example("split(\"-\") | item(2)", "HR-012", .empty),
        ],
        prepare: { call throws(ArgumentProblem) in
            let index = Int(try call.integer(0, in: -1_000...1_000, "index"))
            return .each { value, output in
                let ranges = TextList.ranges(value)
                let place = index < 0 ? ranges.count + index : index
                if ranges.indices.contains(place) { output.append(value.extracting(ranges[place])) }
                return true
            }
        }
    )

    private static let join = MappingFunction(
        "join",
        .text,
        Label(
            "Makes one text of a list, with a separator between its texts.",
            "يصنع نصا واحدا من قائمة، مع فاصل بين نصوصها."
        ),
        inputs: [.list],
        parameters: [
            Parameter(
                "separator",
                .fixedText,
                Label("What stands between two texts.", "ما يقف بين نصين."),
                standard: "\"\""
            )
        ],
        examples: [
            Example("split(\" \") | join(\".\")", "huda khalid", .value("huda.khalid")),
            Example("split(\"-\") | join", "050-123-4567", .value("0501234567")),
        ],
        prepare: { call in
            let separator = Array(call.text(0).utf8)
            return .each { value, output in
                for index in 0..<value.count - 1 {
                    if value[index] == TextList.end { output += separator } else { output.append(value[index]) }
                }
                return true
            }
        }
    )

    private static let initials = MappingFunction(
        "initials",
        .text,
        Label("The first letter of each word, as a capital.", "أول حرف من كل كلمة، بصورته الكبيرة."),
        parameters: [
            Parameter(
                "separator",
                .fixedText,
                Label("What stands behind each letter.", "ما يقف بعد كل حرف."),
                standard: "\"\""
            )
        ],
        examples: [
            Example("initials", "Huda al-Harbi", .value("HAH")),
            Example("initials(\".\")", "Émile zola", .value("É.Z.")),
            Example("initials(\" \") | trim", "هدى خالد", .value("ه خ")),
        ],
        prepare: { call in
            let separator = call.text(0)
            return .eachText { Words.initials($0, separator: separator) }
        }
    )

    private static let slug = MappingFunction(
        "slug",
        .text,
        Label(
            "Lower case with hyphens for all that is no letter or digit, Latin letters without accents.",
            "أحرف صغيرة مع شرطات مكان كل ما ليس حرفا أو رقما، والأحرف اللاتينية بلا علامات."
        ),
        examples: [
            Example("slug", "Human Resources & Ops", .value("human-resources-ops")),
            Example("slug", "Émile Straße Øster", .value("emile-strasse-oster")),
            Example("slug", "  الموارد البشرية  ", .value("الموارد-البشرية")),
            Example("slug", "--", .empty),
        ],
        prepare: { _ in .eachText { Words.slug($0) } }
    )
}

extension MappingFunction.Step {
    /// A step that fails only where a value grows too long.
    static func growing(_ change: @escaping @Sendable (inout TextVector, [Operand], UInt8) -> Void) -> Self {
        Self(apply: change) { _, _ in TargetField.tooLong }
    }
}

extension MappingFunction.Call {
    /// An argument that was checked to be a text written out; "" where it is left out.
    func text(_ index: Int) -> String {
        guard index < literals.count, case .text(let text) = literals[index] else { return "" }
        return text
    }

    /// The same with a whole number; nil where it is left out.
    func integer(_ index: Int) -> Int64? {
        guard index < literals.count, case .integer(let integer) = literals[index] else { return nil }
        return integer
    }

    func integer(
        _ index: Int,
        in range: ClosedRange<Int64>,
        _ name: String
    ) throws(MappingFunction.ArgumentProblem) -> Int64 {
        let integer = integer(index) ?? range.lowerBound
        guard range.contains(integer) else {
            throw MappingFunction.ArgumentProblem(
                index: index,
                code: .badArgument,
                message: "The \(name) is between \(range.lowerBound) and \(range.upperBound), and this is \(integer)."
            )
        }
        return integer
    }

    /// Whether an optional argument is there.
    func isGiven(_ index: Int) -> Bool {
        index < literals.count && literals[index] != nil
    }

    /// All texts from a variadic parameter on.
    func texts(from index: Int) -> [String] {
        (index..<max(index, literals.count)).filter(isGiven).map(text)
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

extension [UInt8] {
    init(_ bytes: Span<UInt8>) {
        self.init()
        reserveCapacity(bytes.count)
        append(bytes)
    }
}

extension Span<UInt8> {
    func matches(_ part: [UInt8], at index: Int) -> Bool {
        guard index + part.count <= count else { return false }
        for offset in part.indices where self[index + offset] != part[offset] { return false }
        return true
    }
}
