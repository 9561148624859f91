import Sync
import Testing

@Suite struct `A pattern of files` {
    @Test(
        arguments: [
            ("people.csv", "people.csv", true), ("people.csv", "People.csv", false),
            ("people-*.csv", "people-.csv", true),
            ("people-*.csv", "people-2026-11-30.csv", true), ("people-*.csv", "people-1.csv.gz", false),
            ("*.csv", ".hidden.csv", false), (".*.csv", ".hidden.csv", true), ("*a*b*", "xxaxxbx", true),
            ("*a*b*", "xxbxxax", false), ("?.csv", "ä.csv", true), ("?.csv", "ab.csv", false),
            ("[a-c][!0-9].csv", "bx.csv", true), ("[a-c][!0-9].csv", "b7.csv", false), ("[]x].csv", "].csv", true),
            ("[*].csv", "*.csv", true), ("[*].csv", "a.csv", false),
            ("a*a*a*a*a*b", String(repeating: "a", count: 60), false),
            ("تقرير-*.csv", "تقرير-١.csv", true),
        ]
    )
    func `means names`(pattern: String, name: String, isMeant: Bool) throws {
        #expect(try PathPattern(pattern).matches(name: name) == isMeant)
    }

    @Test(
        arguments: [
            "", "/etc/passwd", "../other/people.csv", "a/../b.csv", "a//b.csv", "./a.csv", "a/", "**/*.csv", "a\\b.csv",
            "people\u{0}.csv", "archive/2026-11-30/*.csv", "[abc", "[z-a].csv", String(repeating: "a", count: 1_025),
        ]
    )
    func `is refused where it could mean something else`(text: String) {
        #expect(throws: PathPattern.Problem.self) { _ = try PathPattern(text) }
    }
}
