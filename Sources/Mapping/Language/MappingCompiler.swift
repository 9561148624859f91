internal import Columns
internal import JSON

/// Checks the rows of a set one after the other, then the set.
struct MappingCompiler {
    /// Rows of a set.
    static let mostRows = 500

    private let set: MappingSet
    private let source: [Field]?
    private let environment: MappingEnvironment
    private var problems: [MappingProblem] = []
    private var columns: [CompiledMapping.ColumnPlan] = []
    private var used: [String] = []

    init(_ set: MappingSet, source: [Field]?, environment: MappingEnvironment) {
        self.set = set
        self.source = source
        self.environment = environment
    }

    mutating func compile() throws(MappingProblems) -> CompiledMapping {
        if set.rows.count > Self.mostRows {
            note(nil, .tooManyRows, "A mapping has at most \(Self.mostRows) rows; this one has \(set.rows.count).")
            throw MappingProblems(problems)
        }
        for index in set.rows.indices { compileRow(index) }
        checkRequired()
        guard problems.isEmpty else { throw MappingProblems(problems) }
        return CompiledMapping(entity: set.entity, sourceFields: used, columns: ordered(columns))
    }

    /// The entity's own fields first, in their order, which is also the order of hashing; then attributes by name.
    private func ordered(_ columns: [CompiledMapping.ColumnPlan]) -> [CompiledMapping.ColumnPlan] {
        let places = Dictionary(
            uniqueKeysWithValues: set.entity.fields.enumerated().map { ($0.element.name, $0.offset) }
        )
        return columns.sorted { left, right in
            switch (places[left.target.name], places[right.target.name]) {
            case (let left?, let right?): left < right
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): left.target.name < right.target.name
            }
        }
    }

    // MARK: - Rows

    private mutating func compileRow(_ index: Int) {
        let row = set.rows[index]
        let target = checkTarget(index, row)
        if let problem = Checker.problem(withField: row.sourceField, in: source) {
            note(index, problem.code, problem.message, problem.suggestion)
        }
        let transform = row.transform ?? ""
        let syntax: Syntax
        do throws(SyntaxProblem) {
            syntax = try PipeParser.parse(transform, source: row.sourceField)
        } catch {
            note(index, error.code, error.message, error.suggestion, at: error.offset)
            return
        }
        var checker = Checker(source: source, environment: environment, used: used)
        let checked = checker.check(syntax)
        used = checker.used
        for problem in checker.problems.sorted(by: { $0.offset < $1.offset }) {
            // The row's own field was looked at above: it is not written in the transform, which begins with a function.
            if problem.isAboutField, problem.offset == 0 { continue }
            note(index, problem.code, problem.message, problem.suggestion, at: problem.offset)
        }
        guard let checked, let target else { return }
        checkResult(index, row, target, checked)
        let place = used.firstIndex { $0.utf8.elementsEqual(row.sourceField.utf8) }
        guard let place else { return }
        columns.append(
            CompiledMapping.ColumnPlan(row: row, source: place, expression: checked.expression, target: target)
        )
    }

    private mutating func checkTarget(_ index: Int, _ row: MappingRow) -> TargetField? {
        guard let target = set.entity.target(named: row.targetField) else {
            note(
                index,
                .unknownTarget,
                "\(set.entity.rawValue) have no field \(row.targetField.quoted).",
                set.entity.suggestion(for: row.targetField)
            )
            return nil
        }
        if let first = set.rows[..<index].firstIndex(where: { $0.targetField == row.targetField }) {
            note(
                index,
                .duplicateTarget,
                "\(row.targetField) is filled twice: row \(first + 1) maps \(set.rows[first].sourceField) to it already.",
                "Join several fields into one with concatNonEmpty, or choose the first with default."
            )
        }
        if target.isRequired, row.empty == .erase {
            note(
                index,
                .emptyNotAllowed,
                "\(row.targetField) is required: an empty value can't erase it.",
                "Set empty to ignore."
            )
        }
        return target
    }

    private mutating func checkResult(
        _ index: Int,
        _ row: MappingRow,
        _ target: TargetField,
        _ checked: Checker.Checked
    ) {
        if !target.rule.takes(checked.type) {
            note(
                index,
                .wrongResultType,
                "\(row.targetField) takes \(target.rule.phrase), and the transform makes \(checked.type.phrase).",
                checked.type.advice(for: target.rule),
                at: 0
            )
            return
        }
        for constant in checked.constants where !constant.text.isEmpty {
            guard let complaint = target.complaint(about: constant.text) else { continue }
            note(index, .badValue, complaint.message, suggestion(for: constant.text, target), at: constant.offset)
        }
    }

    private func suggestion(for text: String, _ target: TargetField) -> String? {
        guard case .oneOf(let allowed) = target.rule else { return nil }
        return nearest(to: text, in: allowed).map { "Did you mean \($0)?" }
    }

    private mutating func checkRequired() {
        for field in set.entity.fields where field.isRequired {
            if set.rows.contains(where: { $0.targetField == field.name }) { continue }
            note(
                nil,
                .requiredTargetMissing,
                "\(set.entity.rawValue) need \(field.name), and no row fills it.",
                "Add a row with target_field \(field.name).",
                target: field.name
            )
        }
    }

    // MARK: - Problems

    private mutating func note(
        _ index: Int?,
        _ code: MappingProblem.Code,
        _ message: String,
        _ suggestion: String? = nil,
        at offset: Int? = nil,
        target: String = ""
    ) {
        let row = index.map { set.rows[$0] }
        let place = offset.flatMap { offset in row?.transform.map { TransformPlace(offset, in: $0) } }
        problems.append(
            MappingProblem(
                rowIndex: index,
                sourceField: row?.sourceField ?? "",
                targetField: row?.targetField ?? target,
                code: code,
                message: message,
                line: place?.line ?? 0,
                column: place?.column ?? 0,
                caret: place?.caret ?? "",
                suggestion: suggestion
            )
        )
    }
}

extension Checker.Problem {
    fileprivate var isAboutField: Bool { code == .unknownField || code == .unsupportedFieldType }
}

extension TargetField.Rule {
    /// Whether a value of this type can stand there: dates as ISO text or as their first instant, numbers in decimal, truths
    /// as `true` and `false`.
    fileprivate func takes(_ type: ValueType) -> Bool {
        switch (type, self) {
        case (.text, _), (.null, _): true
        case (.date, .text), (.date, .date), (.date, .instant): true
        case (.timestamp, .text), (.timestamp, .instant): true
        case (.number, .text), (.number, .integer), (.number, .number): true
        case (.integer, .text), (.integer, .integer), (.integer, .number): true
        case (.truth, .text): true
        default: false
        }
    }

    /// As a sentence says it.
    fileprivate var phrase: String {
        switch self {
        case .text: "a text"
        case .identifier: "an identifier"
        case .email: "an e-mail address"
        case .date: "a date"
        case .instant: "a time"
        case .integer: "a whole number"
        case .number: "a number"
        case .oneOf(let allowed): "one of \(allowed.joined(separator: ", "))"
        }
    }
}

extension ValueType {
    /// What to write at a transform's end, where a target doesn't take what it makes.
    fileprivate func advice(for rule: TargetField.Rule) -> String? {
        switch (self, rule) {
        case (.list, _): "item(0) takes its first text, join(\" \") makes one text of all."
        case (.timestamp, .date): "dateInZone(\"Asia/Riyadh\") makes a date of a time."
        case (.truth, .oneOf): "valueMap({\"true\": …, \"false\": …}) says what each becomes."
        default: nil
        }
    }
}
