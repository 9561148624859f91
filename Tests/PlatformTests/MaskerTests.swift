import Log
import Testing

struct `Masking` {
    private func mask(_ text: String, _ secrets: [String], chunk: Int) -> String {
        var masker = Masker(secrets)
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            output += masker.mask(Array(rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
        }
        output += masker.finish()
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        arguments: [
            ("", ["hunter2"], ""), ("hunter2", ["hunter2"], "<secret>"), ("a hunter2 b", ["hunter2"], "a <secret> b"),
            ("hunter", ["hunter2"], "hunter"), ("hunterhunter2", ["hunter2"], "hunter<secret>"),
            ("abc", ["abc"], "abc"),
            ("hunter2hunter2", ["hunter2"], "<secret>"), ("aabcdefb", ["abcd", "cdef"], "a<secret>b"),
            ("xabcdey", ["abcd", "abcde"], "x<secret>y"),
            ("abcdXwxyz!", ["abcd", "wxyz", "abcdXwxyzQ"], "<secret>X<secret>!"),
            ("abcdXwxyzQ", ["abcd", "wxyz", "abcdXwxyzQ"], "<secret>"),
            ("aaaaaaaaab", ["aaaa"], "<secret>b"), ("aaab", ["aaaa"], "aaab"), ("ababac", ["abac"], "ab<secret>"),
            ("pässwört!", ["pässwört"], "<secret>!"), ("nothing", [], "nothing"), ("nothing", [""], "nothing"),
            (#"a\"bcd"#, [#"a"bcd"#], "<secret>"),
            ("MIIEvQIBADANBgkq\nother", ["-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nAB==\n"], "<secret>\nother"),
        ] as [(String, [String], String)]
    )
    func `in pieces of any size`(text: String, secrets: [String], expected: String) {
        for chunk in [1, 2, 3, 5, 100] { #expect(mask(text, secrets, chunk: chunk) == expected, "pieces of \(chunk)") }
    }

    @Test func `what is held back is never more than could begin a secret`() {
        var masker = Masker(["hunter2"])
        #expect(masker.mask(Array("plain hunt".utf8)) == Array("plain ".utf8))
        #expect(masker.mask(Array("ing".utf8)) == Array("hunting".utf8))
        #expect(masker.finish() == [])
    }

    @Test func `agrees with looking for every secret everywhere`() {
        // Two letters make overlaps and near misses of every kind.
        var generator = SystemRandomNumberGenerator()
        func word(_ lengths: ClosedRange<Int>) -> [UInt8] {
            (0..<Int.random(in: lengths, using: &generator)).map { _ in UInt8.random(in: 97...98, using: &generator) }
        }
        for _ in 0..<2_000 {
            let secrets = (0..<Int.random(in: 1...4, using: &generator)).map { _ in word(4...9) }
            let text = word(0...60)
            var isSecret = [Bool](repeating: false, count: text.count)
            for secret in secrets where text.count >= secret.count {
                for start in 0...text.count - secret.count
                where text[start..<start + secret.count].elementsEqual(secret) {
                    for position in start..<start + secret.count { isSecret[position] = true }
                }
            }
            var expected = ""
            for position in text.indices {
                if !isSecret[position] {
                    expected.append(Character(UnicodeScalar(text[position])))
                } else if position == 0 || !isSecret[position - 1] {
                    expected += "<secret>"
                }
            }
            let names = secrets.map { String(decoding: $0, as: UTF8.self) }
            let chunk = Int.random(in: 1...7, using: &generator)
            let given = String(decoding: text, as: UTF8.self)
            #expect(mask(given, names, chunk: chunk) == expected, "\(given) \(names) in pieces of \(chunk)")
        }
    }
}
