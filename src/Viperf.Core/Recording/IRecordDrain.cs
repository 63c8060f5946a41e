namespace Viperf.Core.Recording;

/// <summary>Brings records to the file: those in the rings, and those that viperf makes itself.</summary>
internal interface IRecordDrain
{
    /// <summary>
    /// Records lie in a ring no longer than this, however few come: so much is missing if the recorder is killed.
    /// </summary>
    int FlushMilliseconds { get; }

    /// <summary>What was recorded.</summary>
    RecordCounts Counts { get; }

    /// <summary>Keeps the rings from filling while what ran before the recording is still written down.</summary>
    void MakeRoom();

    /// <summary>Takes what has come into the rings.</summary>
    /// <param name="ended">True if no more will come, so that all is taken.</param>
    /// <returns>True if there was anything.</returns>
    bool Drain(bool ended);

    /// <summary>Writes records that viperf made, whole ones and any number, which no ring holds.</summary>
    void Write(ReadOnlySpan<byte> records);

    /// <summary>Brings all that was taken to the file.</summary>
    void Flush();
}
