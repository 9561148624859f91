import Mapping
import Testing

@Suite struct EmailFunctionTests {
    @Test(arguments: [
        ("a@b.c", "a@b.c"),
        ("Huda.AlHarbi+x@Sub.Example.COM", "Huda.AlHarbi+x@sub.example.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("\"a b@c\"@example.com", nil),
        ("\"a.b@c\"@example.com", "\"a.b@c\"@example.com"),
        ("\"a\\\"b\"@Example.com", "\"a\\\"b\"@example.com"),
        ("émile@example.com", "émile@example.com"),
        ("ÉMILE@Example.com", "ÉMILE@example.com"),
        ("هدى@example.com", "هدى@example.com"),
        ("هدى@مثال.إختبار", "هدى@مثال.إختبار"),
        ("a@BÜCHER.example", "a@bücher.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@1.2.3.example", "a@1.2.3.example"),
        ("a@1-2.example", "a@1-2.example"),
    ])
    func `an address is taken with its domain in lower case`(address: String, result: String?) throws {
        #expect(try transform("email", [address]) == [result.map(Outcome.value) ?? .failed("invalid_email")])
    }

    @Test(arguments: [
        ("huda.at.example.com", "it has no @"),
        ("@example.com", "nothing stands before the @"),
        ("a@", "nothing stands after the @"),
        ("@", "nothing stands before the @"),
        ("a b@example.com", "it has a space in it"),
        (" a@example.com", "it has a space in it"),
        ("a\u{A0}@example.com", "it has a space in it"),
        ("a@example.com\u{200F}", "it has an invisible character in it (U+200F)"),
        ("é\u{200B}@example.com", "it has an invisible character in it (U+200B)"),
        ("a\u{1}@example.com", "it has an invisible character in it (U+0001)"),
        (".a@example.com", "a dot stands at the begin or the end of the part before the @, or two in a row"),
        ("a.@example.com", "a dot stands at the begin or the end of the part before the @, or two in a row"),
        ("a..b@example.com", "a dot stands at the begin or the end of the part before the @, or two in a row"),
        ("a@b@example.com", "“@” can't stand before the @"),
        ("a,b@example.com", "“,” can't stand before the @"),
        ("<a@example.com>", "“<” can't stand before the @"),
        ("\"a@example.com", "the quoted part before the @ is not closed"),
        ("\"a\"b@example.com", "“b” can't stand before the @"),
        ("\"a\\\"@example.com", "the quoted part before the @ is not closed"),
        ("a@example", "the domain after the @ has no dot"),
        ("a@.example.com", "what stands after the @ is no domain name"),
        ("a@example..com", "what stands after the @ is no domain name"),
        ("a@example.com.", "what stands after the @ is no domain name"),
        ("a@-example.com", "what stands after the @ is no domain name"),
        ("a@example-.com", "what stands after the @ is no domain name"),
        ("a@example.com-", "what stands after the @ is no domain name"),
        ("a@exam_ple.com", "what stands after the @ is no domain name"),
        ("a@192.0.2.1", "what stands after the @ is no domain name"),
        ("a@[192.0.2.1]", "what stands after the @ is no domain name"),
        ("a@-ü-.example", "what stands after the @ is no domain name"),
        ("a@ü_ü.example", "what stands after the @ is no domain name"),
        ("a@" + String(repeating: "x", count: 64) + ".com", "what stands after the @ is no domain name"),
        (String(repeating: "x", count: 65) + "@example.com", "more than 64 bytes stand before the @"),
        (
            "a@" + Array(repeating: String(repeating: "x", count: 49), count: 5).joined(separator: ".") + ".com",
            "it is longer than 254 bytes"
        ),
    ])
    func `what is no address is refused with the reason`(address: String, reason: String) throws {
        let set = people(MappingRow(sourceField: "value", targetField: "email", transform: "email"))
        let mapped = try apply(set, to: batch(["id": ["1"], "value": [address]]))
        let failure = try #require(mapped.rejects.first?.failures.first)
        #expect(failure.code == "invalid_email")
        #expect(failure.message.hasSuffix("is not an e-mail address: \(reason)."))
        #expect(failure.value == address)
    }

    @Test func `the target's own rule refuses the same without the function`() throws {
        let addresses = [
            "a@Example.com", "nobody", "é@example.com", "a@example", "\"x\"@example.com", "a@BÜCHER.example",
        ]
        #expect(
            try transform(nil, addresses, target: "email") == [
                .value("a@Example.com"), .failed("invalid_email"), .value("é@example.com"), .failed("invalid_email"),
                .value("\"x\"@example.com"), .value("a@BÜCHER.example"),
            ]
        )
    }

    @Test func `lengths are counted to the byte`() throws {
        let local = String(repeating: "x", count: 64)
        let label = String(repeating: "y", count: 63)
        let longest = "\(local)@\(label).\(label).\(String(repeating: "z", count: 61))"
        #expect(longest.utf8.count == 254)
        let outcomes = try transform(
            "email",
            [longest, longest + "z", "x" + longest, "\(local)@\(label).\(label)y.com"]
        )
        #expect(outcomes == [.value(longest)] + Array(repeating: .failed("invalid_email"), count: 3))
        let wide = String(repeating: "é", count: 32)
        #expect(try transform("email", ["\(wide)@b.c", "\(wide)é@b.c"]).last == .failed("invalid_email"))
    }

    @Test func `random ASCII agrees with the grammar`() throws {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("aZ9bYc8dXeaZ9bYc8dX-.+@ ")
        func word(_ length: ClosedRange<Int>) -> String {
            let length = Int.random(in: length, using: &generator)
            return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
        }
        let values = (0..<4_000).map { _ in "\(word(0...4))@\(word(0...3)).\(word(0...3))" }
        let outcomes = try transform("email", values)
        var taken = 0
        for (value, outcome) in zip(values, outcomes) {
            guard isAddress(value), let at = value.firstIndex(of: "@") else {
                #expect(outcome == .failed("invalid_email"), "\(value)")
                continue
            }
            taken += 1
            #expect(outcome == .value(value[..<at] + value[at...].lowercased()), "\(value)")
        }
        #expect(taken > 50 && taken < 3_950)
    }

    /// dot-atom `@` labels, for short ASCII.
    private func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || "-_+".contains($0) } }
            && labels.count > 1 && labels.last?.contains(where: \.isLetter) == true
            && labels.allSatisfy { label in
                !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            }
    }
}
