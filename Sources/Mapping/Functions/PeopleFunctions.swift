internal import JSON

extension MappingFunction {
    static let people: [MappingFunction] = [email, normaliseEmail, phoneE164, splitName]

    private static let email = MappingFunction(
        "email",
        .people,
        Label(
            "Rejects what is no e-mail address; puts the domain in lower case.",
            "يرفض ما ليس عنوان بريد إلكتروني؛ ويجعل النطاق بأحرف صغيرة."
        ),
        examples: [
            Example("email", "Huda.AlHarbi@Example.COM", .value("Huda.AlHarbi@example.com")),
            Example("trim | lower | email", " Huda@Example.com ", .value("huda@example.com")),
            Example("email", "huda@Bücher.example", .value("huda@bücher.example")),
            Example("email", "huda.farouk2.at.example.com", .reject("invalid_email")),
            Example("email", "", .empty),
        ],
        proof: .email,
        prepare: { _ in
            Step { value, _, failure in
                value.checkEmail(failure: failure)
            } explain: { value, _ in
                EmailAddress.complaint(about: value)
            }
        }
    )

    private static let normaliseEmail = MappingFunction(
        "normaliseEmail",
        .people,
        Label(
            "The address alone, in lower case: without spaces, direction marks, mailto: and the name of Huda <huda@example.com>. "
                + "Rejects what is none then.",
            "العنوان وحده بأحرف صغيرة: بلا مسافات ولا علامات اتجاه ولا mailto: ولا الاسم في Huda <huda@example.com>. ويرفض ما ليس "
                + "عنوانا بعد ذلك."
        ),
        examples: [
            Example("normaliseEmail", " Huda.AlHarbi@Example.COM\u{200F}", .value("huda.alharbi@example.com")),
            Example("normaliseEmail", "Huda Al-Harbi <Huda@Example.com>", .value("huda@example.com")),
            Example("normaliseEmail", "mailto:huda@example.com", .value("huda@example.com")),
            Example("normaliseEmail", "huda at example.com", .reject("invalid_email")),
        ],
        proof: .email,
        prepare: { _ in
            .eachText { text in
                let address = EmailAddress.alone(text)
                return address.isEmpty || EmailAddress.fault(in: address) == nil ? address : nil
            } explain: { value, _ in
                EmailAddress.complaint(about: EmailAddress.alone(value))
            }
        }
    )

    private static let phoneE164 = MappingFunction(
        "phoneE164",
        .people,
        Label(
            "A telephone number as +966501234567; the country is that of numbers without a code. Known are the codes, prefixes "
                + "and lengths of \(PhoneCountry.all.count) countries; others are rejected.",
            "رقم الهاتف بالصيغة ‎+966501234567؛ والدولة هي دولة الأرقام التي بلا رمز. والمعروف رموز \(PhoneCountry.all.count) دولة "
                + "وبادئاتها وأطوال أرقامها؛ وما عداها مرفوض."
        ),
        parameters: [
            Parameter(
                "country",
                .fixedText,
                Label("Two letters of ISO 3166: SA, EG, AE.", "حرفان بحسب ISO 3166: مثل SA وEG وAE.")
            )
        ],
        examples: [
            Example("phoneE164(\"SA\")", "050 123 4567", .value("+966501234567")),
            Example("phoneE164(\"SA\")", "٠٥٠١٢٣٤٥٦٧", .value("+966501234567")),
            Example("phoneE164(\"SA\")", "00971 (0)50-123-4567", .value("+971501234567")),
            Example("phoneE164(\"AE\")", "966501234567", .reject("invalid_phone")),
            Example("phoneE164(\"SA\")", "966501234567", .value("+966501234567")),
            Example("phoneE164(\"SA\")", "12345", .reject("invalid_phone")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let id = call.text(0)
            guard let country = PhoneCountry.named(id) else {
                let known = PhoneCountry.all.map(\.id)
                throw ArgumentProblem(
                    index: 0,
                    code: .badArgument,
                    message: "phoneE164 knows no country \(id.quoted).",
                    suggestion: known.contains(id.uppercased())
                        ? "Write \(id.uppercased())." : "It knows \(known.joined(separator: ", "))."
                )
            }
            return .eachText { text in
                do throws(PhoneNumber.Fault) {
                    return try PhoneNumber.e164(text, country: country)
                } catch {
                    return error == .empty ? "" : nil
                }
            } explain: { value, _ in
                notAPhone(value, country)
            }
        }
    )

    private static func notAPhone(_ value: String, _ country: PhoneCountry) -> Complaint {
        var reason = "it can't be read"
        do throws(PhoneNumber.Fault) {
            _ = try PhoneNumber.e164(value, country: country)
        } catch {
            switch error {
            case .empty: break
            case .character(let scalar): reason = "“\(scalar)” can't stand in it"
            case .unknownCode: reason = "it begins with the code of no country that phoneE164 knows"
            case .ambiguous(let country):
                reason = "it may begin with the code of \(country.id) or with digits that are the same"
            case .length(let count, let country):
                let lengths = country.lengths
                let wanted =
                    lengths.count == 1 ? "\(lengths.lowerBound)" : "\(lengths.lowerBound) to \(lengths.upperBound)"
                reason = "numbers of \(country.id) have \(wanted) digits behind +\(country.code), and this has \(count)"
            }
        }
        return Complaint(
            code: "invalid_phone",
            message: "\(value.quoted) is not a telephone number: \(reason).",
            hint: "Correct it at the source; numbers of other countries begin with + and their code."
        )
    }

    private static let splitName = MappingFunction(
        "splitName",
        .people,
        Label(
            "Makes a list of first, middle and last name, of Last, First too; عبد الله and Abdul Rahman are one name, van Beethoven "
                + "is a last name. item(0) takes the first, item(2) the last.",
            "يصنع قائمة من الاسم الأول والأوسط والأخير، ومن صيغة «الأخير، الأول» أيضا؛ وعبد الله اسم واحد. وitem(0) يأخذ الأول وitem(2) "
                + "الأخير."
        ),
        results: [.list],
        examples: [
            Example("splitName | item(0)", "Huda Khalid Al-Harbi", .value("Huda")),
            Example("splitName | item(2)", "Huda Khalid Al-Harbi", .value("Al-Harbi")),
            Example("splitName | item(2)", "van Beethoven, Ludwig", .value("van Beethoven")),
            Example("splitName | item(0)", "عبد الله محمد الحربي", .value("عبد الله")),
            Example("splitName | item(2)", "Huda", .empty),
        ],
        prepare: { _ in
            .each { value, output in
                let name = PersonName(String(bytes: value))
                for part in [name.first, name.middle, name.last] { TextList.append(part, to: &output) }
                return true
            }
        }
    )
}

extension EmailAddress {
    static func complaint(about value: String) -> Complaint {
        let reason = fault(in: value)?.reason ?? "it is too long"
        let trimmed = WhiteSpace.trimmed(value)
        return Complaint(
            code: "invalid_email",
            message: "\(value.quoted) is not an e-mail address: \(reason).",
            hint: trimmed != value && fault(in: trimmed) == nil
                ? "It would be one without what stands around it: write trim before email."
                : "Correct it at the source, as in name@example.com."
        )
    }

    /// The address of `Name <address>` or `mailto:address` in lower case, without spaces and direction marks around or in it.
    fileprivate static func alone(_ text: String) -> String {
        var text = String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isBidiControl }))
        if let open = text.lastIndex(of: "<"), let close = text.lastIndex(of: ">"), open < close {
            text = String(text[text.index(after: open)..<close])
        }
        text = WhiteSpace.trimmed(text).lowercased()
        return text.hasPrefix("mailto:") ? WhiteSpace.trimmed(String(text.dropFirst(7))) : text
    }
}
