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
        if isProven { return }
        switch target.rule {
        case .text:
            look(&value, at: value.doubtfulTexts(hasNUL: ByteScan.hasByte(in: 0...0, value.bytes.span)))
        case .identifier:
            let isPlain = value.isASCII && !ByteScan.hasControl(value.bytes.span)
            look(&value, at: value.doubtfulIdentifiers(isPlain: isPlain))
        case .email:
            for row in value.rowsWithoutEmail() { value.states[row] = RowState.ruleBroken }
        case .date:
            for row in value.rows(where: { CalendarDate(iso: $0) == nil }) { value.states[row] = RowState.ruleBroken }
        case .oneOf:
            let rows = value.withRanges { allowed.unlisted(value.bytes.span, $0, $1, value.states.span) }
            for row in rows { value.states[row] = RowState.ruleBroken }
        case .instant: canonicalise(&value, CanonicalText.instant)
        case .integer: canonicalise(&value, CanonicalText.integer)
        case .number: canonicalise(&value, CanonicalText.number)
        }
    }

    private var isProven: Bool {
        switch (target.rule, proof) {
        case (.email, .email), (.date, .date): true
        case (.text, .constants), (.identifier, .constants), (.email, .constants), (.date, .constants),
            (.oneOf, .constants):
            true
        default: false
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
    /// The rows whose text may be too long or have a NUL in it.
    fileprivate func doubtfulTexts(hasNUL: Bool) -> [Int] {
        if !hasNUL, withRanges(longestRange) <= ValueLimit.text { return [] }
        return rows { value in
            if value.count > ValueLimit.text { return true }
            guard hasNUL else { return false }
            for index in value.indices where value[index] == 0 { return true }
            return false
        }
    }

    /// The rows whose identifier may be too long, blank, or have a control character in it.
    ///
    /// - Parameter isPlain: there are neither control characters nor bytes beyond ASCII anywhere.
    fileprivate func doubtfulIdentifiers(isPlain: Bool) -> [Int] {
        rows { value in
            if value.count > TargetField.longestIdentifier || value[0] == 0x20 { return true }
            if isPlain { return false }
            for index in value.indices where value[index] < 0x20 || value[index] >= 0x7F { return true }
            return false
        }
    }

    /// The rows with a value for which the condition holds; it is not asked about empty ones.
    @inline(__always)
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

@inline(never)
private func longestRange(_ starts: Span<Int32>, _ ends: Span<Int32>) -> Int {
    var longest: Int32 = 0
    for row in 0..<starts.count { longest = max(longest, ends[row] &- starts[row]) }
    return Int(longest)
}
