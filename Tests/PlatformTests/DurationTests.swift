import Testing
import Time

struct `Durations as text` {
    @Test(arguments: [
        ("0s", 0), ("1s", 1), ("30s", 30), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("007d", 604_800),
        ("36525d", 3_155_760_000),
    ])
    func `a whole number and its unit`(text: String, seconds: Int) {
        #expect(Duration.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "s", "30", "30 s", " 30s", "30s ", "-30s", "+30s", "1.5h", "1h30m", "30S", "30sec", "30w", "٣s", "30s\n",
        "1e3s",
        "36526d", "9223372036854775807d", "99999999999999999999s",
    ])
    func `anything else is none`(text: String) {
        #expect(Duration.parse(text) == nil)
    }
}
