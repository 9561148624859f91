extension TextVector {
    /// Fails the rows that are no e-mail address; empty and null rows stay. Puts domains in lower case.
    mutating func checkEmail(failure: UInt8) {
        let findings = findEmails(changesDomain: true)
        for row in findings.refused { states[row] = failure }
        for (row, domain) in findings.capitals { lowercaseDomain(row, from: domain) }
        guard !findings.capitalsBeyondASCII.isEmpty else { return }
        var (starts, ends) = takeRanges()
        for row in findings.capitalsBeyondASCII {
            let value = bytes[Int(starts[row])..<Int(ends[row])]
            guard let at = value.lastIndex(of: EmailAddress.at) else { continue }
            let domain = String(decoding: value[(at + 1)...], as: UTF8.self).lowercased()
            append((value[...at] + Array(domain.utf8))[...], to: row, &starts, &ends, failure: failure)
        }
        ranges = .loose(starts: starts, ends: ends)
    }

    /// The rows with a value that is no e-mail address.
    func rowsWithoutEmail() -> [Int] {
        findEmails(changesDomain: false).refused
    }

    private struct Findings {
        var refused: [Int] = []
        /// Rows whose domain is ASCII and has capitals, and where the domain begins.
        var capitals: [(row: Int, domain: Int)] = []
        var capitalsBeyondASCII: [Int] = []
    }

    private func findEmails(changesDomain: Bool) -> Findings {
        var findings = Findings()
        withRanges { starts, ends in
            let bytes = bytes.span
            let states = states.span
            let classes = EmailAddress.classes
            var row = 0
            while let next = nextUnclear(bytes, classes.span, states, starts, ends, from: row) {
                let start = Int(starts[next])
                let end = Int(ends[next])
                note(next, EmailAddress.verdict(bytes, classes.span, start, end), start..<end, changesDomain, &findings)
                row = next + 1
            }
        }
        return findings
    }

    private func note(
        _ row: Int,
        _ verdict: EmailAddress.Verdict,
        _ range: Range<Int>,
        _ changesDomain: Bool,
        _ findings: inout Findings
    ) {
        switch verdict {
        case .plain: break
        case .almostPlain(let domain, let hasCapitals, let isASCII):
            if !isASCII, String(decoding: bytes[range], as: UTF8.self).unicodeScalars.contains(where: \.isInvisible) {
                findings.refused.append(row)
            } else if hasCapitals {
                findings.capitals.append((row, domain))
            }
        case .unclear:
            let address = String(decoding: bytes[range], as: UTF8.self)
            if EmailAddress.fault(in: address) != nil {
                findings.refused.append(row)
            } else if changesDomain, let at = address.lastIndex(of: "@"),
                !address[at...].lowercased().utf8.elementsEqual(address[at...].utf8)
            {
                findings.capitalsBeyondASCII.append(row)
            }
        }
    }

    private mutating func lowercaseDomain(_ row: Int, from domain: Int) {
        let end = withRanges { _, ends in Int(ends[row]) }
        for index in domain..<end where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
    }
}

/// The next row whose value is not a plain address with its domain in lower case.
@inline(never)
private func nextUnclear(
    _ bytes: Span<UInt8>,
    _ classes: Span<UInt8>,
    _ states: Span<UInt8>,
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    from first: Int
) -> Int? {
    for row in first..<starts.count where states[row] == RowState.value {
        let start = Int(starts[row])
        let end = Int(ends[row])
        if start == end { continue }
        guard case .plain = EmailAddress.verdict(bytes, classes, start, end) else { return row }
    }
    return nil
}
