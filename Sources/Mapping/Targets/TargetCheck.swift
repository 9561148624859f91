internal import Time

/// A target's rule, ready for columns. For single values, and for what is wrong, see `TargetField.complaint(about:)`.
struct TargetCheck: Sendable {
    var target: TargetField
    /// What is known of every value, so that it isn't asked again.
    var proof: MappingFunction.Proof
    private var allowed: ValueTable

    init(_ target: TargetField, proof: MappingFunction.Proof) {
        self.target = target
        self.proof = proof
        let texts: [String] = if case .oneOf(let texts) = target.rule { texts } else { [] }
        allowed = ValueTable(texts.map { ($0, $0) })
    }

    /// Fails the rows whose value the target refuses, and brings numbers and times into their one form.
    func apply(_ value: inout TextVector) {
        switch target.rule {
        case .text:
            let hasNUL = ByteScan.hasByte(in: 0...0, value.bytes.span)
            look(&value, at: value.rows(longerThan: ValueLimit.text, orWith: hasNUL ? { $0 == 0 } : nil))
        case .identifier:
            let isPlain = value.isASCII && !ByteScan.hasControl(value.bytes.span)
            let isOdd: ((UInt8) -> Bool) = isPlain ? { $0 == 0x20 } : { $0 <= 0x20 || $0 >= 0x7F }
            look(&value, at: value.rows(longerThan: TargetField.longestIdentifier, orWith: isOdd))
        case .email:
            if case .email = proof { return }
            for row in value.rowsWithoutEmail() { value.states[row] = RowState.ruleBroken }
        case .date:
            if case .date = proof { return }
            for row in value.rows(where: { CalendarDate(iso: $0) == nil }) { value.states[row] = RowState.ruleBroken }
        case .oneOf:
            let rows = value.withRanges { allowed.unlisted(value.bytes.span, $0, $1, value.states.span) }
            for row in rows { value.states[row] = RowState.ruleBroken }
        case .instant: canonicalise(&value, CanonicalText.instant)
        case .integer: canonicalise(&value, CanonicalText.integer)
        case .number: canonicalise(&value, CanonicalText.number)
        }
    }

    /// Asks the scalar rule about some rows.
    private func look(_ value: inout TextVector, at rows: [Int]) {
        for row in rows where target.complaint(about: value.text(row) ?? "") != nil {
            value.states[row] = RowState.ruleBroken
        }
    }

    private func canonicalise(_ value: inout TextVector, _ canonical: (String) -> String?) {
        var (starts, ends) = value.takeRanges()
        for row in 0..<value.count where value.states[row] == RowState.value && starts[row] < ends[row] {
            let text = String(decoding: value.bytes[Int(starts[row])..<Int(ends[row])], as: UTF8.self)
            guard let form = canonical(text), target.complaint(about: text) == nil else {
                value.states[row] = RowState.ruleBroken
                continue
            }
            guard !form.utf8.elementsEqual(text.utf8) else { continue }
            value.append(Array(form.utf8)[...], to: row, &starts, &ends, failure: RowState.ruleBroken)
        }
        value.ranges = .loose(starts: starts, ends: ends)
    }
}

extension TextVector {
    /// The rows with a value that is longer than so many bytes, or has a byte for which `isOdd` holds.
    fileprivate func rows(longerThan most: Int, orWith isOdd: ((UInt8) -> Bool)?) -> [Int] {
        guard let isOdd else { return rows { $0.count > most } }
        return rows { value in
            if value.count > most { return true }
            for index in value.indices where isOdd(value[index]) { return true }
            return false
        }
    }

    /// The rows with a value for which the condition holds.
    fileprivate func rows(where condition: (Span<UInt8>) -> Bool) -> [Int] {
        withRanges { starts, ends in
            let bytes = bytes.span
            let states = states.span
            var rows: [Int] = []
            for row in 0..<starts.count where states[row] == RowState.value && starts[row] < ends[row] {
                if condition(bytes.extracting(Int(starts[row])..<Int(ends[row]))) { rows.append(row) }
            }
            return rows
        }
    }
}
