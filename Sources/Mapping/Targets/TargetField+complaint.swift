internal import JSON
internal import Time

extension TargetField {
    /// Bytes of an identifier.
    static let longestIdentifier = 255

    static let tooLong = Complaint(
        code: "too_long",
        message: "The value is longer than \(ValueLimit.text) bytes.",
        hint: "Shorten it at the source."
    )

    static func required(_ place: FailurePlace) -> Complaint {
        Complaint(
            code: "required",
            message: "\(place.target) needs a value, and \(place.source) has none.",
            hint: "Fill in \(place.source) at the source, or give \(place.target) a default(…) in the mapping."
        )
    }

    /// Why the target's rule refuses a value; nil where it takes it. Columns are checked by `TextVector.check(_:)`.
    func complaint(about value: String) -> Complaint? {
        if value.utf8.count > ValueLimit.text { return Self.tooLong }
        switch rule {
        case .text: return textComplaint(value)
        case .identifier: return identifierComplaint(value)
        case .email: return EmailAddress.fault(in: value) == nil ? nil : EmailAddress.complaint(about: value)
        case .date: return CalendarDate(iso: value) == nil ? dateComplaint(value) : nil
        case .instant: return CanonicalText.instant(value) == nil ? instantComplaint(value) : nil
        case .integer(let range): return integerComplaint(value, range)
        case .number(let range): return numberComplaint(value, range)
        case .oneOf(let allowed):
            return allowed.contains { $0.utf8.elementsEqual(value.utf8) } ? nil : notAllowedComplaint(value, allowed)
        }
    }

    private func textComplaint(_ value: String) -> Complaint? {
        guard value.utf8.contains(0) else { return nil }
        return Complaint(
            code: "invalid_text",
            message: "The value for \(name) has a NUL character in it.",
            hint: "Remove it at the source."
        )
    }

    private func identifierComplaint(_ value: String) -> Complaint? {
        let reason: String
        if let odd = value.unicodeScalars.first(where: { $0.properties.generalCategory == .control }) {
            reason = "it has a control character in it (\(odd.codePoint))"
        } else if value.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            reason = "it is only white space"
        } else if value.utf8.count > Self.longestIdentifier {
            reason = "it is longer than \(Self.longestIdentifier) bytes"
        } else {
            return nil
        }
        return Complaint(
            code: "invalid_identifier",
            message: "\(value.quoted) can't be \(name): \(reason).",
            hint: "Correct it at the source, or map \(name) from another field."
        )
    }

    private func dateComplaint(_ value: String) -> Complaint {
        Complaint(
            code: "invalid_date",
            message: "\(value.quoted) is not a date in the form yyyy-MM-dd.",
            hint: "Say how the source writes dates, as in parseDate(\"dd/MM/yyyy\")."
        )
    }

    private func instantComplaint(_ value: String) -> Complaint {
        Complaint(
            code: "invalid_instant",
            message: "\(value.quoted) is not a time in the form 2024-02-29T08:05:00Z.",
            hint: "Write times at the source with their zone, or map a date with parseDate."
        )
    }

    private func integerComplaint(_ value: String, _ range: ClosedRange<Int64>) -> Complaint? {
        guard let integer = CanonicalText.integer(value).flatMap({ Int64($0) }) else {
            return Complaint(
                code: "invalid_integer",
                message: "\(value.quoted) is not a whole number.",
                hint: "Write \(name) at the source with digits only, as in 90."
            )
        }
        return range.contains(integer) ? nil : rangeComplaint(value, "\(range.lowerBound)", "\(range.upperBound)")
    }

    private func numberComplaint(_ value: String, _ range: ClosedRange<Double>) -> Complaint? {
        guard let number = CanonicalText.number(value).flatMap({ Double($0) }) else {
            return Complaint(
                code: "invalid_number",
                message: "\(value.quoted) is not a number.",
                hint: "Write \(name) at the source with digits and a decimal point, as in 87.5."
            )
        }
        guard !range.contains(number) else { return nil }
        return rangeComplaint(value, DecimalText.of(range.lowerBound), DecimalText.of(range.upperBound))
    }

    private func rangeComplaint(_ value: String, _ lowest: String, _ highest: String) -> Complaint {
        Complaint(
            code: "out_of_range",
            message: "\(value.quoted) is out of range: \(name) is between \(lowest) and \(highest).",
            hint: "Correct it at the source."
        )
    }

    private func notAllowedComplaint(_ value: String, _ allowed: [String]) -> Complaint {
        let near = nearest(to: value, in: allowed).map { "Did you mean \($0)? " } ?? ""
        return Complaint(
            code: "not_allowed",
            message: "\(value.quoted) can't be \(name): it is one of \(allowed.joined(separator: ", ")).",
            hint: "\(near)A valueMap says what each value of the source means."
        )
    }
}
