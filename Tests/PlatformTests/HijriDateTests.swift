import Foundation
import Testing
import Time

@Suite struct HijriDateTests {
    /// Days that were announced: begins of years and of Ramadan, both feasts; and the table's two ends.
    @Test(arguments: [
        (1420, 1, 1, "1999-04-17"), (1436, 1, 1, "2014-10-25"), (1441, 1, 1, "2019-08-31"),
        (1443, 9, 1, "2022-04-02"), (1444, 10, 1, "2023-04-21"), (1445, 9, 1, "2024-03-11"),
        (1445, 12, 10, "2024-06-16"),
        (1446, 1, 1, "2024-07-07"), (1446, 9, 1, "2025-03-01"), (1300, 1, 1, "1882-11-12"),
        (1600, 12, 30, "2174-11-25"),
    ])
    func `known days`(year: Int, month: Int, day: Int, iso: String) {
        #expect(HijriDate(year: year, month: month, day: day)?.gregorian?.description == iso)
    }

    @Test func `every month of the table is that of Foundation's calendar`() throws {
        var calendar = Calendar(identifier: .islamicUmmAlQura)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var months = 0
        for year in HijriDate.years {
            for month in 1...12 {
                let date = try #require(calendar.date(from: DateComponents(year: year, month: month, day: 1)))
                let days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down))
                #expect(
                    HijriDate(year: year, month: month, day: 1)?.gregorian?.daysSince1970 == days,
                    "\(year)-\(month)"
                )
                months += 1
            }
        }
        #expect(months == 3_612)
    }

    @Test func `days that a month doesn't have, and years outside, are none`() {
        #expect(HijriDate.days(month: 9, year: 1444) == 29)
        #expect(HijriDate(year: 1444, month: 9, day: 30) == nil)
        #expect(HijriDate(year: 1444, month: 9, day: 29) != nil)
        #expect(HijriDate(year: 1299, month: 1, day: 1) == nil)
        #expect(HijriDate(year: 1601, month: 1, day: 1) == nil)
        #expect(HijriDate(year: 1445, month: 13, day: 1) == nil)
        #expect(HijriDate(year: 1445, month: 0, day: 1) == nil)
        #expect(HijriDate(year: 1445, month: 1, day: 0) == nil)
    }
}
