import Foundation
import Testing
import Time

@Suite struct ZoneRulesTests {
    private func zone(_ name: String) throws -> ZoneRules {
        let file = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)"))
        let rules = ZoneRules(tzif: [UInt8](file))
        return try #require(rules, "\(name)")
    }

    private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    @Test(arguments: [
        ("Asia/Riyadh", "2024-07-01T00:00:00Z", 10_800), ("Europe/London", "2024-01-01T00:00:00Z", 0),
        ("Europe/London", "2024-03-31T00:59:59Z", 0), ("Europe/London", "2024-03-31T01:00:00Z", 3_600),
        ("Europe/London", "2024-10-27T00:59:59Z", 3_600), ("Europe/London", "2024-10-27T01:00:00Z", 0),
        ("America/New_York", "2024-07-01T00:00:00Z", -14_400), ("Asia/Kolkata", "2024-07-01T00:00:00Z", 19_800),
        // By the rule, years behind the file's last change; a southern zone; one whose winter time is the odd one.
        ("Europe/London", "2089-07-01T00:00:00Z", 3_600), ("Europe/London", "2089-12-01T00:00:00Z", 0),
        ("Australia/Sydney", "2089-01-01T00:00:00Z", 39_600), ("Australia/Sydney", "2089-07-01T00:00:00Z", 36_000),
        ("Europe/Dublin", "2089-07-01T00:00:00Z", 3_600), ("Europe/Dublin", "2089-12-31T00:00:00Z", 0),
        // Before the first change there is local mean time.
        ("Asia/Riyadh", "1900-01-01T00:00:00Z", 11_212),
    ])
    func `known offsets`(name: String, at: String, seconds: Int) throws {
        #expect(try zone(name).offset(at: instant(at)) == seconds)
    }

    @Test func `zones agree with Python's zoneinfo through a century`() throws {
        let names = [
            "Asia/Riyadh", "Africa/Cairo", "Africa/Casablanca", "Europe/Berlin", "America/Sao_Paulo",
            "America/New_York",
            "Asia/Tehran", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Auckland",
            "Europe/Dublin", "UTC", "Etc/GMT+5", "Asia/Kathmandu",
        ]
        let script = """
            import sys, zoneinfo, datetime
            for name in sys.argv[1:]:
                zone = zoneinfo.ZoneInfo(name)
                for second in range(-1000000000, 4000000000, 3456789):
                    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=second)
                    print(name, second, int(moment.astimezone(zone).utcoffset().total_seconds()))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + names
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let zones = try Dictionary(uniqueKeysWithValues: names.map { ($0, try zone($0)) })
        var compared = 0
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let zone = try #require(zones[String(words[0])])
            let second = try #require(Int64(words[1]))
            let offset = zone.offset(at: Instant(microseconds: second * 1_000_000))
            #expect("\(offset)" == words[2], "\(line)")
            compared += 1
        }
        #expect(compared == 16 * 1_447)
    }

    @Test func `a local time that clocks skip is none, and of two it is the earlier`() throws {
        let london = try zone("Europe/London")
        let spring = try #require(CalendarDate(year: 2024, month: 3, day: 31))
        let autumn = try #require(CalendarDate(year: 2024, month: 10, day: 27))
        let halfPastOne: Int64 = 5_400_000_000
        #expect(london.instant(spring, microseconds: halfPastOne) == nil)
        #expect(london.instant(autumn, microseconds: halfPastOne) == (try instant("2024-10-27T00:30:00Z")))
        #expect(london.instant(autumn, microseconds: 7_200_000_000) == (try instant("2024-10-27T02:00:00Z")))
        // Cairo goes forward at midnight: the day begins at one.
        let cairo = try zone("Africa/Cairo")
        let friday = try #require(CalendarDate(year: 2024, month: 4, day: 26))
        #expect(cairo.instant(friday, microseconds: 0) == nil)
        #expect(cairo.start(of: friday) == (try instant("2024-04-25T22:00:00Z")))
        #expect(london.start(of: spring) == (try instant("2024-03-31T00:00:00Z")))
    }

    @Test func `what is no zone file, or a piece of one, is refused`() throws {
        let file = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/London"))
        let bytes = [UInt8](file)
        for length in 0..<bytes.count {
            let part = ZoneRules(tzif: Array(bytes[..<length]))
            #expect(part == nil, "\(length)")
        }
        let text = ZoneRules(tzif: Array("TZif".utf8) + [UInt8](repeating: 0xFF, count: 200))
        #expect(text == nil)
    }
}
