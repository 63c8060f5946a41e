using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// No signals while a thread executes another program: one that is sent in the kernel's execve comes to the new program, which
/// has no handler for it and dies. The recorder stops the events for so long. Where it does not answer, the signal is ignored,
/// which the new program inherits: it lives, and cannot tell. Timers alone need no pause: exec ends them, and takes their signals back.
/// </summary>
internal unsafe struct ExecPause
{
    private RecorderSocket _recorder;
    private bool _isConnected;
    private bool _isIgnored;

    /// <summary>Begins one; async-signal-safe, as exec's functions are.</summary>
    public static ExecPause Begin()
    {
        ExecPause pause = default;
        bool isSampled = SampleHandler.IsSampled;
        bool isPaused = isSampled && (ThreadTimers.AreAlone || pause.TryPause());
        pause._isIgnored = TrapSignal.BeginExec(ignores: isSampled && !isPaused);
        if (isSampled)
        {
            TrapSignal.DropWaiting(); // for a thread that blocks it
        }

        return pause;
    }

    /// <summary>Ends it where the program could not be executed.</summary>
    public void End()
    {
        if (_isIgnored)
        {
            TrapSignal.EndExec();
        }

        if (_isConnected)
        {
            byte goOn = 1;
            _ = _recorder.TrySend(&goOn, 1);
            _recorder.Close();
        }
    }

    private bool TryPause()
    {
        if (RecorderSocket.Connect(out _recorder) != 0)
        {
            return false;
        }

        _isConnected = true;
        CaptureRequest request = new()
        {
            Mark = CaptureProtocol.Mark,
            ProcessId = Syscall.GetProcessId(),
            Wish = CaptureWish.Pause,
        };
        return _recorder.TrySend(&request, sizeof(CaptureRequest)) && _recorder.TryReceive();
    }
}
