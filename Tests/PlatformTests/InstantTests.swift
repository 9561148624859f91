import Testing
import Time

struct Instants {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (1_709_193_900_250_000, "2024-02-29T08:05:00.25Z"),
        (1_709_193_900_000_001, "2024-02-29T08:05:00.000001Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func `text goes both ways`(microseconds: Int64, text: String) {
        #expect(Instant(microseconds: microseconds).description == text)
        #expect(Instant(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        ("2024-02-29T11:05:00+03:00", "2024-02-29T08:05:00Z"),
        ("2024-02-28T21:35:00.5-10:30", "2024-02-29T08:05:00.5Z"),
        ("2024-12-31T23:59:59.999999999Z", "2024-12-31T23:59:59.999999Z"),
        ("2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00Z"),
    ])
    func `offsets and fractions come out in UTC`(text: String, utc: String) {
        #expect(Instant(rfc3339: text)?.description == utc)
    }

    @Test(arguments: [
        "", "2024-02-29", "2024-02-29T08:05Z", "2024-02-30T08:05:00Z", "2024-02-29T24:00:00Z", "2024-02-29T08:60:00Z",
        "2024-02-29T08:05:60Z", "2024-02-29t08:05:00Z", "2024-02-29T08:05:00z", "2024-02-29 08:05:00Z",
        "2024-02-29T08:05:00",
        "2024-02-29T08:05:00.Z", "2024-02-29T08:05:00.1234567890Z", "2024-02-29T08:05:00+0300",
        "2024-02-29T08:05:00+03",
        "2024-02-29T08:05:00+24:00", "2024-02-29T08:05:00+03:60", "2024-02-29T08:05:00Z ", "2024-02-29T08:05:00,5Z",
        "2024-02-29T08:05:00.1 Z", "2024-02-29T08:05:00.1+", "2024-02-29T08:05:00.5",
    ])
    func `what is not RFC 3339 is refused`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `a sum stops at the ends of the scale`() {
        let last = Instant(microseconds: .max)
        let first = Instant(microseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(Instant(microseconds: 1) + .milliseconds(Int64.max) == last)
        #expect(first + .seconds(-1) == first)
        #expect(Instant(microseconds: 5) + .seconds(Int64.min) == first)
        #expect(last + .microseconds(-1) == Instant(microseconds: .max - 1))
    }

    @Test func `the ends of the scale have a text too`() {
        #expect(Instant(microseconds: .max).description == "+294247-01-10T04:00:54.775807Z")
        #expect(Instant(microseconds: .min).description == "-290308-12-21T19:59:05.224192Z")
    }
}
