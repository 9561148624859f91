import Sync
import Testing
import Time

struct ProgressMeterTests {
    private func at(_ seconds: Double) -> Instant {
        Instant(microseconds: Int64(seconds * 1_000_000))
    }

    private func meter(rows: Int64 = 0, size: Int64? = nil) -> ProgressMeter {
        var meter = ProgressMeter()
        meter.began(rows: rows, at: at(0))
        if let size { meter.learned(inputBytes: size) }
        return meter
    }

    @Test func `nothing is said before something is known`() {
        var meter = meter(size: 1_000)
        #expect(meter.rate(at: at(5)) == nil && meter.secondsLeft(at: at(5)) == nil)
        meter.measured(rows: 0, bytes: 0, at: at(5))
        #expect(meter.rate(at: at(5)) == nil && meter.secondsLeft(at: at(5)) == nil)
        meter.measured(rows: 10, bytes: 100, at: at(0))
        #expect(meter.rate(at: at(0)) == nil)
    }

    @Test func `the rate is that of the last ten seconds`() {
        var meter = meter()
        for second in 1...30 { meter.measured(rows: Int64(second) * 100, bytes: 0, at: at(Double(second))) }
        #expect(meter.rate(at: at(30)) == 100)
        for second in 31...40 {
            meter.measured(rows: 3_000 + Int64(second - 30) * 500, bytes: 0, at: at(Double(second)))
        }
        #expect(meter.rate(at: at(40)) == 500)
    }

    @Test func `the rate falls while nothing comes`() {
        var meter = meter()
        meter.measured(rows: 100, bytes: 0, at: at(10))
        #expect(meter.rate(at: at(10)) == 10)
        #expect(meter.rate(at: at(100)) == 1)
    }

    @Test func `many reports in an instant count as one`() {
        var meter = meter()
        for step in 1...1_000 { meter.measured(rows: Int64(step), bytes: 0, at: at(Double(step) / 1_000)) }
        #expect(meter.rate(at: at(1)) == 1_000)
    }

    @Test func `a clock that is set back begins anew`() {
        var meter = meter()
        meter.measured(rows: 1_000, bytes: 0, at: at(100))
        meter.measured(rows: 1_100, bytes: 0, at: at(50))
        #expect(meter.rate(at: at(50)) == nil)
        meter.measured(rows: 1_200, bytes: 0, at: at(60))
        #expect(meter.rate(at: at(60)) == 10)
    }

    @Test func `the time left follows from size and rate`() {
        var meter = meter(size: 10_000)
        meter.measured(rows: 100, bytes: 1_000, at: at(5))
        #expect(meter.bytes?.done == 1_000)
        // 900 rows are left, 20 come in a second.
        #expect(meter.secondsLeft(at: at(5)) == 45)
        meter.measured(rows: 1_000, bytes: 10_000, at: at(50))
        #expect(meter.secondsLeft(at: at(50)) == 0)
    }

    @Test func `an attempt that goes on counts what the one before has read`() {
        var meter = meter(rows: 500, size: 10_000)
        meter.measured(rows: 600, bytes: 1_000, at: at(10))
        #expect(meter.bytes?.done == 6_000)
        #expect(meter.secondsLeft(at: at(10)) == 40)
    }

    @Test func `a size that is no measure says nothing`() {
        var meter = meter(size: 1_000)
        meter.measured(rows: 10, bytes: 1_100, at: at(1))
        #expect(meter.bytes?.done == 1_000)
        meter.measured(rows: 100, bytes: 11_000, at: at(2))
        #expect(meter.bytes == nil && meter.secondsLeft(at: at(2)) == nil)
    }

    @Test func `what is beyond all numbers is not known`() {
        var slow = meter(size: .max)
        slow.measured(rows: 1, bytes: 1, at: at(100_000))
        #expect(slow.bytes?.done == 1 && slow.secondsLeft(at: at(100_000)) == nil)
        var long = meter(rows: 1_000_000, size: .max)
        long.measured(rows: 1_000_001, bytes: 1 << 50, at: at(1))
        #expect(long.bytes == nil && long.secondsLeft(at: at(1)) == nil)
    }

    @Test func `what is throttled is sent at once, or when the interval is over`() {
        var throttle = Throttle(interval: .seconds(1))
        #expect(throttle.offered(at: at(0)) == .send)
        #expect(throttle.offered(at: at(0.5)) == .wait(until: at(1)))
        #expect(throttle.offered(at: at(0.6)) == .none)
        throttle.timeCame(at: at(1))
        #expect(throttle.offered(at: at(1.5)) == .wait(until: at(2)))
        throttle.timeCame(at: at(2))
        #expect(throttle.offered(at: at(3)) == .send)
        // The clock was set back.
        #expect(throttle.offered(at: at(1)) == .send)
    }

    @Test func `a pause doubles up to its longest, and ends with the first success`() {
        var pause = Pause(first: .seconds(1), longest: .seconds(5))
        #expect(pause.end == nil)
        for seconds in [1.0, 2, 4, 5, 5] {
            pause.failed(at: at(100))
            #expect(pause.end == at(100 + seconds))
        }
        pause.over()
        #expect(pause.end == nil)
        pause.failed(at: at(0))
        #expect(pause.end == at(1))
    }
}
