import Testing
import Time

struct `Calendar dates` {
    @Test func `every day from year 1 to 9999 follows the one before it`() throws {
        // The witness counts days the slow way: by the lengths of months, one month after the other.
        var days = -719_162
        for year in 1...9999 {
            let isLeap = year % 400 == 0 || year % 4 == 0 && year % 100 != 0
            for (month, length) in zip(1..., [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in [1, 2, length] {
                    let date = try #require(CalendarDate(year: year, month: month, day: day))
                    try #require(date.daysSince1970 == days + day - 1)
                    try #require(CalendarDate(daysSince1970: days + day - 1) == date)
                }
                try #require(CalendarDate(year: year, month: month, day: length + 1) == nil)
                days += length
            }
        }
        #expect(CalendarDate(year: 1970, month: 1, day: 1)?.daysSince1970 == 0)
        #expect(CalendarDate(daysSince1970: days) == nil)
        #expect(CalendarDate(daysSince1970: -719_163) == nil)
    }

    @Test(arguments: [
        (0, 1, 1), (10_000, 1, 1), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0), (2023, 2, 29), (1900, 2, 29),
    ])
    func `there is no such day`(year: Int, month: Int, day: Int) {
        #expect(CalendarDate(year: year, month: month, day: day) == nil)
    }

    @Test func `the ISO form goes both ways`() throws {
        let date = try #require(CalendarDate(iso: "2024-02-29"))
        #expect((date.year, date.month, date.day) == (2024, 2, 29))
        #expect(date.description == "2024-02-29")
        #expect(CalendarDate(iso: "0001-01-01")?.description == "0001-01-01")
        #expect(CalendarDate(iso: "9999-12-31")?.description == "9999-12-31")
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 12)
        var span = bytes.mutableSpan
        date.write(to: &span, at: 1)
        #expect(String(decoding: bytes, as: UTF8.self) == "x2024-02-29x")
    }

    @Test(arguments: [
        "", "2024-2-29", "2024-02-30", "24-02-29", "2024/02/29", "2024-02-29 ", " 2024-02-29", "+024-02-29",
        "2024-02-29T00:00:00Z", "٢٠٢٤-٠٢-٢٩", "2024-02-2x", "0000-01-01", "2024-02–29",
    ])
    func `what is not exactly ISO is refused`(text: String) {
        #expect(CalendarDate(iso: text) == nil)
    }

    @Test func `dates are in the order of days`() throws {
        let dates = try ["0999-12-31", "1969-12-31", "2024-01-31", "2024-02-01", "2024-02-02"].map {
            try #require(CalendarDate(iso: $0))
        }
        #expect(dates.reversed().sorted() == dates)
    }
}
