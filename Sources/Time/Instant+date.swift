extension Instant {
    /// The calendar date in UTC; nil outside the years that `CalendarDate` knows.
    package var date: CalendarDate? {
        let day: Int64 = 86_400_000_000
        let days = microseconds / day - (microseconds % day < 0 ? 1 : 0)
        return CalendarDate(daysSince1970: Int(days))
    }
}
