internal import Time

extension ColumnProfile {
    var findings: [Finding] {
        var found: [Finding] = []
        func add(
            _ code: String,
            _ weight: Finding.Weight,
            _ examples: Examples,
            _ message: String,
            _ fix: String,
            _ transform: String? = nil
        ) {
            guard examples.count > 0 else { return }
            found.append(Finding(code, weight, [name], examples, message, fix: fix, transform: transform))
        }

        add(
            "missing_values",
            .warning,
            rows >= 50 && filled * 50 >= rows * 49 ? empty : Examples(),
            "\(values(empty.count)) of \(name) \(are(empty.count)) empty; all others are filled.",
            "If the field is needed, fill them in the source: a required field that is empty rejects its row."
        )
        dateFindings(add)
        numberFindings(add)
        add(
            "broken_emails",
            .problem,
            dominates(self[.email]) ? others(than: .email) : Examples(),
            "\(name) holds e-mail addresses, but not in \(values(others(than: .email).count)).",
            "Correct them in the source: such rows are rejected."
        )
        wordFindings(add)
        characterFindings(add)
        return found
    }

    private typealias Add = (
        _ code: String, Finding.Weight, Examples, _ message: String, _ fix: String, _ transform: String?
    ) -> Void

    private func dateFindings(_ add: Add) {
        guard filled >= 2, self[.date].count * 10 >= filled * 9, let main = dates.main else { return }
        let pattern = main.pattern.text
        if let rival = dates.rival {
            add(
                "ambiguous_dates",
                .problem,
                self[.date],
                "Every date of \(name) can be read as \(pattern) and as \(rival.pattern.text): no day is above 12.",
                "Ask whoever made the file which it is.",
                nil
            )
        }
        var odd = main.others
        odd += others(than: .date)
        add(
            "other_dates",
            .problem,
            odd,
            "\(name) has dates written as \(pattern), but not in \(values(odd.count)).",
            "Correct them in the source: they are rejected when read as \(pattern).",
            #"parseDate("\#(pattern)")"#
        )
        add(
            "future_dates",
            .warning,
            main.future.count * 20 <= filled ? main.future : Examples(),
            "\(values(main.future.count)) of \(name) \(are(main.future.count)) in the future; nearly all others are past.",
            "See whether they are meant so.",
            nil
        )
    }

    private func numberFindings(_ add: Add) {
        if dominates(numbers) {
            let odd = others(than: .integer, .decimal)
            add(
                "broken_numbers",
                .problem,
                odd,
                "\(name) holds numbers, but not in \(values(odd.count)).",
                "Correct them in the source: where a number is needed, such rows are rejected.",
                nil
            )
            add(
                "negative_numbers",
                .warning,
                negative.count * 20 <= filled ? negative : Examples(),
                "\(values(negative.count)) of \(name) \(are(negative.count)) below zero; nearly all others are not.",
                "See whether they are meant so.",
                nil
            )
        }
        if let shorter = digits.shorter {
            add(
                "lost_zeros",
                .problem,
                shorter.values,
                "\(name) has numbers of \(shorter.length) digits that may begin with zeros, and "
                    + "\(values(shorter.values.count)) with fewer: a spreadsheet takes leading zeros away.",
                "Fill them up in the mapping.",
                #"padLeft(\#(shorter.length), "0")"#
            )
        }
    }

    private func wordFindings(_ add: Add) {
        let rare = dominates(numbers) ? Examples() : words.rare
        add(
            "rare_values",
            .warning,
            rare,
            "\(name) has few different values, and \(values(rare.count)) that hardly any other row has.",
            "See whether they are misspelt: a value that the mapping's valueMap doesn't list is rejected.",
            nil
        )
        let variants = words.variants
        add(
            "spelling_variants",
            .warning,
            variants,
            "\(values(variants.count)) of \(name) \(differ(variants.count)) from others by capitals or spaces only.",
            "Make them alike in the mapping.",
            "normalizeSpace | lower"
        )
    }

    private func characterFindings(_ add: Add) {
        let faults = characters
        add(
            "extra_spaces",
            .hint,
            faults.spaces,
            "\(values(faults.spaces.count)) of \(name) \(have(faults.spaces.count)) spaces at an end, or two in a row.",
            "Take them away in the mapping.",
            "normalizeSpace"
        )
        add(
            "odd_spaces",
            .warning,
            faults.oddSpaces,
            "\(values(faults.oddSpaces.count)) of \(name) \(have(faults.oddSpaces.count)) spaces that are not the usual one.",
            "Make them usual ones in the mapping.",
            "normalizeSpace"
        )
        add(
            "direction_marks",
            .warning,
            faults.directionMarks,
            "\(values(faults.directionMarks.count)) of \(name) \(have(faults.directionMarks.count)) invisible marks of "
                + "writing direction: they make equal texts differ.",
            "Take them away in the mapping.",
            "stripBidi"
        )
        add(
            "arabic_digits",
            .warning,
            faults.arabicDigits,
            "\(values(faults.arabicDigits.count)) of \(name) \(have(faults.arabicDigits.count)) Arabic or Persian digits.",
            "Make them 0 to 9 in the mapping, unless the text is meant so.",
            "westernDigits"
        )
        add(
            "mojibake",
            .problem,
            faults.mojibake,
            "\(values(faults.mojibake.count)) of \(name) \(have(faults.mojibake.count)) letters that were read in a wrong "
                + "encoding.",
            "Save the file as UTF-8, or name its encoding in the settings.",
            nil
        )
        add(
            "control_characters",
            .warning,
            faults.controls,
            "\(values(faults.controls.count)) of \(name) \(have(faults.controls.count)) control characters.",
            "Take them out in the source.",
            nil
        )
        add(
            "formulas",
            .warning,
            faults.formulas,
            "\(values(faults.formulas.count)) of \(name) would be run by a spreadsheet.",
            "They stay text here, and are made harmless in files that TrainFlow writes; ask where they come from.",
            nil
        )
    }

    /// Whether rows may be told apart by it: nearly all have a value, nearly all another, and it is no measure or time.
    var mayBeKey: Bool {
        guard repeated.isNearlyUnique, filled * 20 >= rows * 19 else { return false }
        return switch type {
        case .integer, .email, .text: true
        case .empty, .boolean, .decimal, .date, .timestamp: false
        }
    }

    private func values(_ count: Int) -> String { "\(count) \(count == 1 ? "value" : "values")" }
    private func are(_ count: Int) -> String { count == 1 ? "is" : "are" }
    private func have(_ count: Int) -> String { count == 1 ? "has" : "have" }
    private func differ(_ count: Int) -> String { count == 1 ? "differs" : "differ" }
}
