"""What a program asks of Azure, as data: registrations, the bodies that go to Azure, ARM templates; pure."""
