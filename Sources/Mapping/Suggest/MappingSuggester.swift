internal import Columns
internal import JSON

/// Proposes which source column fills which target, and how: by names, synonyms, types and values. Nothing is learned or
/// guessed beyond the tables here: the same columns always give the same.
package struct MappingSuggester: Sendable {
    private let columns: [SourceColumn]
    private let entity: Entity

    /// What is less sure is not proposed.
    private static let least = 0.5

    package static func suggest(_ columns: [SourceColumn], _ entity: Entity) -> MappingSuggestions {
        MappingSuggester(columns: columns, entity: entity).suggestions()
    }

    /// A column for a target, with all that speaks for and against it.
    private struct Candidate {
        var column: Int
        var target: TargetField
        var transform: String?
        var confidence: Double
        var reason: String
        /// Why it is not proposed after all.
        var objection: String?
    }

    private func suggestions() -> MappingSuggestions {
        let matches = columns.map { NameMatch.all($0.name, entity) }
        let context = context()
        var candidates: [Candidate] = []
        for (index, column) in columns.enumerated() {
            for target in entity.fields {
                let name = matches[index][target.name] ?? Self.shapeMatch(column, target)
                guard let name else { continue }
                candidates.append(candidate(index, target, name, context))
            }
        }
        var chosen = assigned(candidates)
        chosen += shared(candidates, chosen)
        let names = composed(chosen)
        chosen.removeAll { candidate in names.contains { $0.target.name == candidate.target.name } }
        chosen += names
        let places = Dictionary(uniqueKeysWithValues: entity.fields.enumerated().map { ($0.element.name, $0.offset) })
        chosen.sort { places[$0.target.name] ?? 0 < places[$1.target.name] ?? 0 }
        let targets = Set(chosen.map(\.target.name))
        return MappingSuggestions(
            proposals: chosen.map(suggestion),
            leftOut: omissions(candidates, chosen),
            missing: entity.fields.filter { $0.isRequired && !targets.contains($0.name) }.map(\.name)
        )
    }

    private func suggestion(_ candidate: Candidate) -> MappingSuggestion {
        MappingSuggestion(
            sourceField: columns[candidate.column].name,
            targetField: candidate.target.name,
            transform: candidate.transform,
            confidence: (candidate.confidence * 100).rounded() / 100,
            reason: candidate.reason
        )
    }

    // MARK: - One column, one target

    /// E-mail addresses are known by their shape, whatever the column is called.
    private static func shapeMatch(_ column: SourceColumn, _ target: TargetField) -> NameMatch? {
        guard target.name == "email", column.values.count >= 3,
            column.values.allSatisfy({ EmailAddress.fault(in: $0.lowercased()) == nil })
        else { return nil }
        return NameMatch(score: 0.55, reason: "The name says nothing")
    }

    private func candidate(
        _ index: Int,
        _ target: TargetField,
        _ name: NameMatch,
        _ context: ColumnEvidence.Context
    ) -> Candidate {
        let column = columns[index]
        switch ColumnEvidence(column, target, context) {
        case .unfit(let reason):
            return Candidate(column: index, target: target, confidence: 0, reason: "", objection: reason)
        case .fits(let transform, let share, let reason):
            var confidence = name.score
            if let share {
                // Values that fit make what the name says surer, values that don't less sure.
                confidence = share >= 0.8 ? 1 - (1 - name.score) * (1.4 - 0.8 * share) : name.score * (0.5 + share / 2)
            } else if column.samples.isEmpty {
                confidence *= 0.95
            }
            var sentences = [name.reason + ".", reason].filter { !$0.isEmpty }
            if column.fillRate < 0.5 {
                confidence *= 0.7 + 0.6 * column.fillRate
                sentences.append("\(Int((1 - column.fillRate) * 100)) of 100 rows have no value.")
            }
            return Candidate(
                column: index,
                target: target,
                transform: transform,
                confidence: min(confidence, 0.99),
                reason: sentences.joined(separator: " "),
                objection: confidence < Self.least
                    ? "It may be \(target.name), but nothing speaks clearly for it." : nil
            )
        }
    }

    /// What any column with dates shows of the order of day and month: people write a file in one way.
    private func context() -> ColumnEvidence.Context {
        var order = DateEvidence.Order.none
        var source: String?
        for column in columns where column.type == nil || column.type == .utf8 {
            guard case .form(let form) = DateEvidence(column.values), form.proof != nil, form.order != .none else {
                continue
            }
            if order == .none {
                (order, source) = (form.order, column.name)
            } else if order != form.order {
                return ColumnEvidence.Context(entity: entity, order: .none, orderSource: nil)
            }
        }
        return ColumnEvidence.Context(entity: entity, order: order, orderSource: source)
    }

    // MARK: - All together

    /// Each column and each target once, the surest first.
    private func assigned(_ candidates: [Candidate]) -> [Candidate] {
        var chosen: [Candidate] = []
        let order = candidates.indices.filter { candidates[$0].objection == nil }.sorted {
            candidates[$0].confidence == candidates[$1].confidence
                ? $0 < $1 : candidates[$0].confidence > candidates[$1].confidence
        }
        for index in order {
            let candidate = candidates[index]
            guard !chosen.contains(where: { $0.column == candidate.column || $0.target.name == candidate.target.name })
            else { continue }
            chosen.append(candidate)
        }
        return chosen
    }

    /// Required targets, and a course's code, may have a column that fills another target too.
    private func shared(_ candidates: [Candidate], _ chosen: [Candidate]) -> [Candidate] {
        entity.fields.compactMap { target in
            guard target.isRequired || target.name == "code", !chosen.contains(where: { $0.target.name == target.name })
            else { return nil }
            return candidates.filter { $0.target.name == target.name && $0.objection == nil && $0.confidence >= 0.8 }
                .max { $0.confidence < $1.confidence }
        }
    }

    /// Names that other columns make together, or that are parts of one.
    private func composed(_ chosen: [Candidate]) -> [Candidate] {
        guard entity == .users else { return [] }
        func candidate(_ name: String) -> Candidate? { chosen.first { $0.target.name == name } }
        func target(_ name: String) -> TargetField? { entity.fields.first { $0.name == name } }
        if let first = candidate("first_name"), let last = candidate("last_name"), let display = target("display_name")
        {
            let confidence = min(first.confidence, last.confidence) * 0.9
            guard confidence > candidate("display_name")?.confidence ?? 0 else { return [] }
            return [
                Candidate(
                    column: first.column,
                    target: display,
                    transform:
                        "normalizeSpace | concatNonEmpty(\" \", \(field(columns[last.column].name)) | normalizeSpace)",
                    confidence: confidence,
                    reason: "First and last name together."
                )
            ]
        }
        guard let display = candidate("display_name"), display.confidence * 0.75 >= Self.least,
            candidate("first_name") == nil, candidate("last_name") == nil
        else { return [] }
        return [("first_name", 0), ("last_name", 2)].compactMap { name, index in
            target(name).map { target in
                Candidate(
                    column: display.column,
                    target: target,
                    transform: "splitName | item(\(index))",
                    confidence: display.confidence * 0.75,
                    reason: "A part of the whole name: look whether it is the right one."
                )
            }
        }
    }

    /// As a field is named in a pipe.
    private func field(_ name: String) -> String {
        let isPlain = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
            default: false
            }
        }
        let isWord = ["true", "false", "null"].contains(name)
        if isPlain, !isWord, !name.isEmpty { return name }
        return "`\(name.replacing(every: "`", with: "``"))`"
    }

    private func omissions(_ candidates: [Candidate], _ chosen: [Candidate]) -> [MappingSuggestions.Omission] {
        columns.indices.compactMap { index in
            guard !chosen.contains(where: { $0.column == index }) else { return nil }
            let own = candidates.filter { $0.column == index }
            let best = own.max { $0.confidence < $1.confidence }
            let reason: String
            if let objection = own.first(where: { $0.objection != nil && $0.confidence == 0 })?.objection,
                best?.confidence ?? 0 == 0
            {
                reason = objection
            } else if let best, best.objection == nil,
                let winner = chosen.first(where: { $0.target.name == best.target.name })
            {
                reason = "It could be \(best.target.name); \(columns[winner.column].name) is surer."
            } else if let objection = best?.objection {
                reason = objection
            } else if Self.isHours(columns[index].name, entity) {
                reason = "duration_minutes takes minutes, and these are hours."
            } else {
                reason =
                    "No field of \(entity.rawValue) is called so; attributes.\(Self.attribute(columns[index].name)) would keep it."
            }
            return MappingSuggestions.Omission(sourceField: columns[index].name, reason: reason)
        }
    }

    private static func isHours(_ name: String, _ entity: Entity) -> Bool {
        let words = NameKey(name).words
        return entity == .courses
            && (words.contains("hours") || words.contains("hrs") || words.contains(NameKey("بالساعات").joined))
    }

    /// A name that an attribute may have; `name` where there is no Latin letter in it.
    private static func attribute(_ name: String) -> String {
        let words = NameKey(name).words.map { word in String(word.filter { $0.isASCII }) }.filter { !$0.isEmpty }
        let joined = String(words.joined(separator: "_").prefix(40))
        return joined.first?.isLetter ?? false ? joined : "name"
    }
}
