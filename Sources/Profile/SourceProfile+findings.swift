extension SourceProfile {
    /// What the rows show, the weightiest first, then in the order of the columns.
    package var findings: [Finding] {
        var findings: [Finding] = []
        if unreadable.count > 0 {
            findings.append(
                Finding(
                    "unreadable_rows",
                    .problem,
                    [],
                    unreadable,
                    "\(rows(unreadable.count)) can't be read.",
                    fix: "Mend them in the source: they will be rejected."
                )
            )
        }
        findings += repeats()
        for column in columns { findings += column.findings }
        let order = Finding.Weight.allCases
        return order.flatMap { weight in findings.filter { $0.weight == weight } }
    }

    private func repeats() -> [Finding] {
        var findings: [Finding] = []
        if repeatedRows.repeats > 0 {
            findings.append(
                Finding(
                    "repeated_rows",
                    .hint,
                    [],
                    Examples(repeatedRows),
                    "\(rows(repeatedRows.repeats)) \(repeatedRows.repeats == 1 ? "is" : "are") exactly as one before.",
                    fix: "Nothing: each is counted once."
                )
            )
        }
        // Columns that repeat in the same rows are one finding: the number, the phone and the e-mail of one person.
        var groups: [(columns: [ColumnProfile], at: [Int64])] = []
        for column in columns where column.mayBeKey && column.repeated.repeats > 0 {
            let at = column.repeated.first.map(\.at)
            if let group = groups.firstIndex(where: { $0.at == at }) {
                groups[group].columns.append(column)
            } else {
                groups.append(([column], at))
            }
        }
        for group in groups {
            guard let column = group.columns.first else { continue }
            let names = group.columns.map(\.name)
            findings.append(
                Finding(
                    "repeated_values",
                    .warning,
                    names,
                    Examples(column.repeated),
                    "Nearly every row has another \(names.joined(separator: ", ")), but \(rows(column.repeated.repeats)) "
                        + "\(column.repeated.repeats == 1 ? "repeats" : "repeat") one.",
                    fix: "If it is the key, name the column that tells which row is newer as the policy's order_field; "
                        + "without one the first row is kept, and one that differs is rejected."
                )
            )
        }
        return findings
    }

    private func rows(_ count: Int) -> String { "\(count) \(count == 1 ? "row" : "rows")" }
}

extension Examples {
    /// The later rows of each repeat; the value says where the first stands.
    init(_ repeated: RepeatedValues) {
        self.init()
        for repetition in repeated.first {
            let text = "as in \(repetition.firstAt)"
            add(text.utf8Span.span, at: repetition.at)
        }
        self.setCount(repeated.repeats)
    }
}
