internal import JSON
internal import Time

extension MappingFunction {
    static let dates: [MappingFunction] = [parseDate, parseHijri, formatDate, addDays, dateInZone]

    private static let patternHelp = Label(
        "As in dd/MM/yyyy, yyyy-MM-dd HH:mm:ss; see docs/mapping.md.",
        "كما في dd/MM/yyyy وyyyy-MM-dd HH:mm:ss؛ انظر docs/mapping.md."
    )

    private static let zoneHelp = Label(
        "The time zone, by its name in the tz database: Asia/Riyadh, UTC.",
        "المنطقة الزمنية باسمها في قاعدة بيانات tz: مثل Asia/Riyadh وUTC."
    )

    private static let parseDate = MappingFunction(
        "parseDate",
        .dates,
        Label(
            "Reads a date written in the given form; with a zone or an offset in the form it makes a time. For yy the first of "
                + "the hundred years it can mean follows.",
            "يقرأ تاريخا مكتوبا بالصيغة المعطاة؛ ومع منطقة زمنية أو فرق زمني في الصيغة يصنع وقتا. وإن كانت السنة yy فيتبعها أول "
                + "المئة سنة التي تحتملها."
        ),
        parameters: [
            Parameter("pattern", .fixedText, patternHelp),
            Parameter(
                "zone",
                .zone,
                Label(
                    "Where the date or time was written; needed where the form has hours and no offset.",
                    "أين كُتب التاريخ أو الوقت؛ ولا بدّ منها إن كان في الصيغة ساعات بلا فرق زمني."
                ),
                isOptional: true
            ),
            Parameter(
                "firstYear",
                .fixedInteger,
                Label(
                    "For yy: with 1950, 49 is 2049 and 50 is 1950.",
                    "مع yy: إن كانت 1950 فإن 49 هي 2049 و50 هي 1950."
                ),
                isOptional: true
            ),
        ],
        results: [.date, .timestamp],
        examples: [
            Example("parseDate(\"dd/MM/yyyy\")", "29/02/2024", .value("2024-02-29")),
            Example("parseDate(\"dd/MM/yyyy\")", "31/02/2023", .reject("invalid_date")),
            Example("parseDate(\"d MMM yyyy\")", "3 Feb 2024", .value("2024-02-03")),
            Example("parseDate(\"dd.MM.yy\", 1950)", "03.02.49", .value("2049-02-03")),
            Example(
                "parseDate(\"dd/MM/yyyy HH:mm\", \"Asia/Riyadh\")",
                "01/03/2024 01:30",
                .value("2024-02-29T22:30:00Z")
            ),
            Example(
                "parseDate(\"yyyy-MM-dd'T'HH:mm:ssXXX\")",
                "2024-03-01T08:00:00+03:00",
                .value("2024-03-01T05:00:00Z")
            ),
            Example(
                "parseDate(\"h:mm a, d/M/yyyy\", \"Asia/Dubai\")",
                "12:05 PM, 1/3/2024",
                .value("2024-03-01T08:05:00Z")
            ),
        ],
        proof: .date,
        prepare: { call throws(ArgumentProblem) in
            let pattern = try call.pattern(0, firstYear: 2)
            if call.isGiven(1) || pattern.hasOffset { return try moments(pattern, call) }
            guard !pattern.hasTime else {
                throw ArgumentProblem(
                    index: 0,
                    code: .missingArgument,
                    message: "The pattern has hours, and nothing says in which time zone they are.",
                    suggestion: "Name it, as in parseDate(\"\(pattern.text)\", \"Asia/Riyadh\")."
                )
            }
            return Step { value, _, failure in
                value.parseDates(pattern, failure: failure)
            } explain: { value, _ in
                notADate(value, pattern)
            }
        }
    )

    /// Dates and times with a zone or an offset: instants.
    private static func moments(_ pattern: DatePattern, _ call: Call) throws(ArgumentProblem) -> Step {
        let zone = call.isGiven(1) ? try call.zone(1) : ZoneRules.utc
        let zoneName = call.isGiven(1) ? call.text(1) : "UTC"
        return .each(result: .timestamp) { value, output in
            guard let moment = pattern.moment(value), let instant = moment.instant(in: zone, pattern) else {
                return false
            }
            instant.append(to: &output)
            return true
        } explain: { value, _ in
            guard pattern.moment(value) != nil else { return notADate(value, pattern, "time") }
            return Complaint(
                code: "invalid_date",
                message: "\(value.quoted) is a time that the clocks of \(zoneName) skipped.",
                hint: "Correct it at the source, or name the zone in which it was written."
            )
        }
    }

    private static let parseHijri = MappingFunction(
        "parseHijri",
        .dates,
        Label(
            "Reads a Hijri date (Umm al-Qura, years 1300 to 1600) written in the given form.",
            "يقرأ تاريخا هجريا (تقويم أم القرى، من 1300 إلى 1600) مكتوبا بالصيغة المعطاة."
        ),
        parameters: [
            Parameter(
                "pattern",
                .fixedText,
                Label("As in dd/MM/yyyy, with d, dd, M, MM and yyyy.", "كما في dd/MM/yyyy، وفيها d وdd وM وMM وyyyy."),
                standard: "\"dd/MM/yyyy\""
            )
        ],
        results: [.date],
        examples: [
            Example("parseHijri(\"dd/MM/yyyy\")", "01/09/1445", .value("2024-03-11")),
            Example("westernDigits | parseHijri(\"yyyy/M/d\")", "١٤٤٦/١/١", .value("2024-07-07")),
            Example("parseHijri", "30/09/1444", .reject("invalid_date")),
        ],
        proof: .date,
        prepare: { call throws(ArgumentProblem) in
            let pattern = try call.isGiven(0) ? call.pattern(0, firstYear: nil) : standardPattern()
            guard !pattern.hasTime, !pattern.text.holds("MMM") else {
                throw ArgumentProblem(
                    index: 0,
                    code: .badDatePattern,
                    message: "parseHijri reads d, dd, M, MM and yyyy, neither names of months nor times."
                )
            }
            return .each { value, output in
                guard let parts = pattern.dateParts(value),
                    let date = HijriDate(year: parts.year, month: parts.month, day: parts.day)?.gregorian
                else { return false }
                date.append(to: &output)
                return true
            } explain: { value, _ in
                notHijri(value, pattern)
            }
        }
    )

    private static func standardPattern() throws(ArgumentProblem) -> DatePattern {
        do throws(DatePatternError) {
            return try DatePattern("dd/MM/yyyy")
        } catch {
            throw ArgumentProblem(index: 0, code: .badDatePattern, message: error.message)
        }
    }

    private static func notHijri(_ value: String, _ pattern: DatePattern) -> Complaint {
        var message = "\(value.quoted) is not a date in the form \(pattern.text)."
        var hint = "Write the date so at the source, or change the pattern of parseHijri."
        if let parts = pattern.dateParts(value.utf8Span.span) {
            message =
                HijriDate.years.contains(parts.year)
                ? "\(value.quoted) is no day of the Umm al-Qura calendar."
                : "\(value.quoted) is outside the years \(HijriDate.years.lowerBound) to \(HijriDate.years.upperBound)."
            hint =
                1900...2100 ~= parts.year
                ? "It looks like a Gregorian date: read it with parseDate."
                : "Correct it at the source."
        } else if value.unicodeScalars.contains(where: { Arabic.digit($0.value) != nil }) {
            hint = "It has Arabic digits: write westernDigits before parseHijri."
        }
        return Complaint(code: "invalid_date", message: message, hint: hint)
    }

    private static let formatDate = MappingFunction(
        "formatDate",
        .dates,
        Label("Writes a date in the given form, as a text.", "يكتب التاريخ بالصيغة المعطاة نصا."),
        inputs: [.date],
        parameters: [
            Parameter(
                "pattern",
                .fixedText,
                Label("As in dd/MM/yyyy, d MMM yyyy.", "كما في dd/MM/yyyy وd MMM yyyy.")
            )
        ],
        examples: [
            Example("parseDate(\"dd/MM/yyyy\") | formatDate(\"d MMM yyyy\")", "03/02/2024", .value("3 Feb 2024")),
            Example("parseDate(\"yyyyMMdd\") | formatDate(\"yyyy/M/d\")", "20240229", .value("2024/2/29")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let pattern = try call.pattern(0, firstYear: nil)
            guard !pattern.hasTime else {
                throw ArgumentProblem(
                    index: 0,
                    code: .badDatePattern,
                    message: "formatDate writes a date, which has no time."
                )
            }
            return .each { value, output in
                guard let date = CalendarDate(iso: value) else { return false }
                pattern.write(date, to: &output)
                return true
            } explain: { value, _ in
                notISO(value)
            }
        }
    )

    private static let addDays = MappingFunction(
        "addDays",
        .dates,
        Label("So many days later, or earlier where negative.", "بعد هذا العدد من الأيام، أو قبله إن كان سالبا."),
        inputs: [.date],
        parameters: [
            Parameter("days", .fixedInteger, Label("-400000 to 400000.", "من -400000 إلى 400000."))
        ],
        results: [.date],
        examples: [
            Example("parseDate(\"dd/MM/yyyy\") | addDays(30)", "31/01/2024", .value("2024-03-01")),
            Example("parseDate(\"dd/MM/yyyy\") | addDays(-1)", "01/03/2023", .value("2023-02-28")),
            Example("parseDate(\"dd/MM/yyyy\") | addDays(1)", "31/12/9999", .reject("out_of_range")),
        ],
        proof: .date,
        prepare: { call throws(ArgumentProblem) in
            let days = Int(try call.integer(0, in: -400_000...400_000, "number of days"))
            return .each { value, output in
                guard let date = CalendarDate(iso: value),
                    let moved = CalendarDate(daysSince1970: date.daysSince1970 + days)
                else { return false }
                moved.append(to: &output)
                return true
            } explain: { value, _ in
                guard CalendarDate(iso: value) != nil else { return notISO(value) }
                return Complaint(
                    code: "out_of_range",
                    message: "\(days) days from \(value) is outside the years 1 to 9999.",
                    hint: "Correct the date at the source."
                )
            }
        }
    )

    private static let dateInZone = MappingFunction(
        "dateInZone",
        .dates,
        Label(
            "The date that a time is in a zone: 22:30 in UTC is the next day in Riyadh.",
            "تاريخ الوقت في منطقة زمنية: فالساعة 22:30 بالتوقيت العالمي هي اليوم التالي في الرياض."
        ),
        inputs: [.timestamp, .text],
        parameters: [Parameter("zone", .zone, zoneHelp)],
        results: [.date],
        examples: [
            Example("dateInZone(\"Asia/Riyadh\")", "2024-02-29T22:30:00Z", .value("2024-03-01")),
            Example(
                "parseDate(\"yyyy-MM-dd HH:mm:ss\", \"UTC\") | dateInZone(\"America/New_York\")",
                "2024-03-01 03:00:00",
                .value("2024-02-29")
            ),
            Example("dateInZone(\"UTC\")", "29/02/2024", .reject("invalid_instant")),
        ],
        proof: .date,
        prepare: { call throws(ArgumentProblem) in
            let zone = try call.zone(0)
            return .each { value, output in
                guard let instant = Instant(rfc3339: value), let date = zone.date(at: instant) else { return false }
                date.append(to: &output)
                return true
            } explain: { value, _ in
                Complaint(
                    code: "invalid_instant",
                    message: "\(value.quoted) is not a time in the form 2024-02-29T08:05:00Z.",
                    hint:
                        "Read it with parseDate and its zone first, as in parseDate(\"yyyy-MM-dd HH:mm:ss\", \"UTC\")."
                )
            }
        }
    )

    private static func notISO(_ value: String) -> Complaint {
        Complaint(
            code: "invalid_date",
            message: "\(value.quoted) is not a date in the form yyyy-MM-dd.",
            hint: "Correct it at the source."
        )
    }

    private static func notADate(_ value: String, _ pattern: DatePattern, _ what: String = "date") -> Complaint {
        let hint: String
        if pattern.moment(WhiteSpace.trimmed(value)) != nil {
            hint = "It has spaces or invisible marks around it: write trim before parseDate."
        } else if value.unicodeScalars.contains(where: { Arabic.digit($0.value) != nil }) {
            hint = "It has Arabic digits: write westernDigits before parseDate."
        } else if let other = commonPatterns.first(where: { $0.parse(value) != nil }) {
            hint =
                "It would be one in the form \(other.text): correct it at the source, or change the pattern of parseDate."
        } else {
            hint = "Write the date as \(pattern.text) at the source, or change the pattern of parseDate."
        }
        return Complaint(
            code: "invalid_date",
            message: "\(value.quoted) is not a \(what) in the form \(pattern.text).",
            hint: hint
        )
    }

    /// Forms that a date may have been meant in.
    private static let commonPatterns = [
        "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "dd-MM-yyyy", "yyyy/MM/dd", "yyyyMMdd", "d MMM yyyy",
        "yyyy-MM-dd HH:mm:ss", "dd/MM/yyyy HH:mm",
    ].compactMap { text in
        do throws(DatePatternError) {
            return try DatePattern(text)
        } catch {
            return nil
        }
    }
}

extension LocalMoment {
    /// By its own offset, else in the zone; a date alone is its day's begin. nil for a time that clocks skipped.
    fileprivate func instant(in zone: ZoneRules, _ pattern: DatePattern) -> Instant? {
        if let offset {
            let local = Int64(date.daysSince1970) * 86_400_000_000 + microseconds
            return Instant(microseconds: local - Int64(offset) * 1_000_000)
        }
        return pattern.hasTime ? zone.instant(date, microseconds: microseconds) : zone.start(of: date)
    }
}

extension MappingFunction.Call {
    /// - Parameter firstYear: the parameter with the first year of `yy`; nil if there is none.
    fileprivate func pattern(
        _ index: Int,
        firstYear: Int?
    ) throws(MappingFunction.ArgumentProblem) -> DatePattern {
        let text = text(index)
        var pivot: Int?
        if let firstYear, let year = integer(firstYear) {
            guard 1...9900 ~= year else {
                throw MappingFunction.ArgumentProblem(
                    index: firstYear,
                    code: .badDatePattern,
                    message: "The first of the hundred years is between 1 and 9900.",
                    suggestion: "With 1950, 49 is 2049 and 50 is 1950."
                )
            }
            pivot = Int(year)
        }
        do throws(DatePatternError) {
            return try DatePattern(text, pivot: pivot)
        } catch {
            let before = String(decoding: Array(text.utf8.prefix(error.offset)), as: UTF8.self)
            throw MappingFunction.ArgumentProblem(
                index: index,
                offsetInText: before.unicodeScalars.count,
                code: .badDatePattern,
                message: "This is no date pattern: \(error.message).",
                suggestion: firstYear != nil && pivot == nil && text.holds("yy") && !text.holds("yyyy")
                    ? "parseDate(\"dd/MM/yy\", 1950) reads 49 as 2049 and 50 as 1950."
                    : nil
            )
        }
    }

    fileprivate func zone(_ index: Int) throws(MappingFunction.ArgumentProblem) -> ZoneRules {
        let name = text(index)
        if name == "UTC" { return .utc }
        if let zone = environment.zones[name] { return zone }
        throw MappingFunction.ArgumentProblem(
            index: index,
            code: .unknownZone,
            message: "There is no time zone \(name.quoted).",
            suggestion: nearest(to: name, in: environment.zoneNames).map { "Did you mean \($0)?" }
                ?? "Zones are named as in Asia/Riyadh, Africa/Cairo, Europe/London, UTC."
        )
    }
}
